//! The functions that the dialect adds to Nunjucks (reference cloudlayer, section 6.10): money and dates as
//! people of a locale write them, by Unicode's own data.

use fixed_decimal::{Decimal, FloatPrecision};
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_datetime::input::Date;
use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_experimental::dimension::currency::options::CurrencyFormatterOptions;
use icu_locale_core::Locale;
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

use super::moment::Moment;

/// Fuel for one formatted value: about what it takes beside other steps.
const COST: u64 = 20;

pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_function("formatCurrency", format_currency);
    environment.add_function("formatDateTime", format_date_time);
}

/// `formatCurrency("en-GB", "EUR", 150.1)` is `€150.10`. An amount that is absent gives nothing.
fn format_currency(
    state: &mut minijinja::State<'_, '_>,
    locale: &Value,
    currency: &Value,
    amount: &Value,
) -> Result<String, Error> {
    state.consume_fuel(COST)?;
    if is_absent(amount) {
        return Ok(String::new());
    }
    let locale = read_locale("formatCurrency", locale)?;
    let code = currency.as_str().unwrap_or_default();
    let code = CurrencyType::try_from_str(code).map_err(|_| {
        wrong(format!(
            "formatCurrency needs a currency of three letters, such as \"EUR\", not {}",
            shown(currency)
        ))
    })?;
    let amount = decimal(amount).ok_or_else(|| {
        wrong(format!(
            "formatCurrency needs a number for the amount, not {}",
            shown(amount)
        ))
    })?;
    let formatter =
        CurrencyFormatter::try_new_symbol(locale.into(), code, CurrencyFormatterOptions::default());
    let formatter = formatter.map_err(|error| wrong(error.to_string()))?;
    Ok(formatter.format_fixed_decimal(&amount).to_string())
}

/// `formatDateTime("fr_FR", "27 March, 2020")` is `27 mars 2020`. A date that is absent gives nothing.
fn format_date_time(
    state: &mut minijinja::State<'_, '_>,
    locale: &Value,
    date: &Value,
) -> Result<String, Error> {
    state.consume_fuel(COST)?;
    if is_absent(date) {
        return Ok(String::new());
    }
    let locale = read_locale("formatDateTime", locale)?;
    let (year, month, day) = Moment::of(date)?.ymd();
    let date = Date::try_new_iso(year, month, day).map_err(|error| wrong(error.to_string()))?;
    let formatter = DateTimeFormatter::try_new(locale.into(), YMD::long());
    let formatter = formatter.map_err(|error| wrong(error.to_string()))?;
    Ok(formatter.format(&date).to_string())
}

/// A locale by its name; with underscores too.
fn read_locale(function: &str, value: &Value) -> Result<Locale, Error> {
    let text = value.as_str().unwrap_or_default().replace('_', "-");
    Locale::try_from_str(&text).map_err(|_| {
        wrong(format!(
            "{function} needs a locale, such as \"en-GB\", not {}",
            shown(value)
        ))
    })
}

/// A number, or a text that is one.
fn decimal(value: &Value) -> Option<Decimal> {
    if let Some(text) = value.as_str() {
        return Decimal::try_from_str(text.trim()).ok();
    }
    if !value.is_number() {
        return None;
    }
    if let Ok(whole) = i64::try_from(value.clone()) {
        return Some(Decimal::from(whole));
    }
    let number = f64::try_from(value.clone())
        .ok()
        .filter(|n| n.is_finite())?;
    Decimal::try_from_f64(number, FloatPrecision::RoundTrip).ok()
}

fn is_absent(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Undefined | ValueKind::None) || value.as_str() == Some("")
}

/// An error about the arguments of a function.
pub(super) fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// A value in an error message: short.
pub(super) fn shown(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.chars().count() <= 40 => format!("{text:?}"),
        Some(_) => "a long text".to_owned(),
        None if value.is_number() => value.to_string(),
        None => format!("a value of the kind {}", value.kind()),
    }
}
