//! One metric: what it is called, what it means, and the instrument that it is counted with.

use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};

/// Where the buckets of durations end, in seconds: from a fast answer to the longest timeout, 10 minutes.
pub const SECONDS: [f64; 17] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0,
    600.0,
];

/// A metric, said once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name in OTLP, with dots.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// Its unit (UCUM): `s`, or what is counted, in braces.
    pub unit: &'static str,
    /// The labels that its values come with, by their names in OTLP.
    pub labels: &'static [&'static str],
    /// What it tells, for a person.
    pub meaning: &'static str,
}

/// How a metric moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only up, from zero at the start of the process.
    Counter,
    /// Up and down.
    Gauge,
    /// Durations in seconds, in the buckets of [`SECONDS`].
    Durations,
}

impl Metric {
    /// Events of a kind.
    pub const fn counter(
        name: &'static str,
        unit: &'static str,
        labels: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            kind: Kind::Counter,
            unit,
            labels,
            meaning,
        }
    }

    /// How something stands now.
    pub const fn gauge(
        name: &'static str,
        unit: &'static str,
        labels: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            kind: Kind::Gauge,
            unit,
            labels,
            meaning,
        }
    }

    /// How long something takes, in seconds.
    pub const fn durations(
        name: &'static str,
        labels: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            kind: Kind::Durations,
            unit: "s",
            labels,
            meaning,
        }
    }

    /// Its name where Prometheus reads it; durations also have `_bucket`, `_sum` and `_count`.
    pub fn exposed(&self) -> String {
        let unit = if self.unit == "s" { "_seconds" } else { "" };
        let kind = match self.kind {
            Kind::Counter => "_total",
            Kind::Gauge | Kind::Durations => "",
        };
        format!("{}{unit}{kind}", self.name.replace('.', "_"))
    }

    /// The instrument of a [`Kind::Counter`].
    pub fn count_with(&self, meter: &Meter) -> Counter<u64> {
        meter
            .u64_counter(self.name)
            .with_unit(self.unit)
            .with_description(self.meaning)
            .build()
    }

    /// The instrument of a [`Kind::Gauge`] that is set.
    pub fn set_with(&self, meter: &Meter) -> Gauge<f64> {
        meter
            .f64_gauge(self.name)
            .with_unit(self.unit)
            .with_description(self.meaning)
            .build()
    }

    /// The instrument of a [`Kind::Gauge`] that is told of each move.
    pub fn move_with(&self, meter: &Meter) -> UpDownCounter<i64> {
        meter
            .i64_up_down_counter(self.name)
            .with_unit(self.unit)
            .with_description(self.meaning)
            .build()
    }

    /// A [`Kind::Gauge`] without labels that is asked whenever it is read, for as long as the process
    /// runs; `None` shows nothing.
    pub fn ask_with(&self, meter: &Meter, ask: impl Fn() -> Option<u64> + Send + Sync + 'static) {
        // The provider keeps it.
        let _gauge = meter
            .u64_observable_gauge(self.name)
            .with_unit(self.unit)
            .with_description(self.meaning)
            .with_callback(move |observer| {
                if let Some(value) = ask() {
                    observer.observe(value, &[]);
                }
            })
            .build();
    }

    /// The instrument of [`Kind::Durations`].
    pub fn time_with(&self, meter: &Meter) -> Histogram<f64> {
        meter
            .f64_histogram(self.name)
            .with_unit(self.unit)
            .with_description(self.meaning)
            .with_boundaries(SECONDS.to_vec())
            .build()
    }
}
