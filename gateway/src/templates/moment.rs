//! Dates as data writes them, and the pictures of them that the `date` filter paints.

use minijinja::Error;
use minijinja::value::Value;
use time::{Date, Month, OffsetDateTime};

use super::functions::{shown, wrong};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// As in the crate's numbering, Monday is the first.
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// A date, and the time of day where there is one, as they were written: zones are not reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
}

impl Moment {
    /// Reads a text, such as `2020-03-27`, `27 March, 2020`, `March 27, 2020` or `3/27/2020`, or the
    /// milliseconds since 1970 in UTC.
    pub(super) fn of(value: &Value) -> Result<Self, Error> {
        let read = match value.as_str() {
            Some(text) if text.len() <= 64 => parse(text),
            Some(_) => None,
            None => f64::try_from(value.clone()).ok().and_then(from_millis),
        };
        read.ok_or_else(|| {
            wrong(format!(
                "a date is needed, such as \"2020-03-27\" or \"27 March, 2020\", not {}",
                shown(value)
            ))
        })
    }

    /// Year, month and day.
    pub(super) fn ymd(self) -> (i32, u8, u8) {
        (self.date.year(), self.date.month().into(), self.date.day())
    }

    /// Paints by a pattern of moment.js, in English: `YYYY`, `MMMM`, `Do`, `HH`, …; `[…]` stays.
    pub(super) fn format(self, pattern: &str) -> String {
        const TOKENS: [&str; 20] = [
            "YYYY", "YY", "MMMM", "MMM", "MM", "Mo", "M", "DD", "Do", "D", "dddd", "ddd", "HH",
            "H", "hh", "h", "mm", "ss", "A", "a",
        ];
        let mut text = String::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            let literal = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            if let Some((literal, after)) = literal {
                text.push_str(literal);
                rest = after;
            } else if let Some(token) = TOKENS.iter().find(|token| rest.starts_with(**token)) {
                text.push_str(&self.part(token));
                rest = rest.get(token.len()..).unwrap_or_default();
            } else {
                text.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
        text
    }

    fn part(self, token: &str) -> String {
        let (year, number, day) = self.ymd();
        let month = MONTHS.get(usize::from(number) - 1).unwrap_or(&"");
        let weekday = usize::from(self.date.weekday().number_days_from_monday());
        let weekday = DAYS.get(weekday).unwrap_or(&"");
        let short = |word: &str| word.get(..3).unwrap_or(word).to_owned();
        let twelve = match self.hour % 12 {
            0 => 12,
            hour => hour,
        };
        let is_morning = self.hour < 12;
        match token {
            "YYYY" => format!("{year:04}"),
            "YY" => format!("{:02}", year.rem_euclid(100)),
            "MMMM" => (*month).to_owned(),
            "MMM" => short(month),
            "MM" => format!("{number:02}"),
            "Mo" => ordinal(number),
            "M" => number.to_string(),
            "DD" => format!("{day:02}"),
            "Do" => ordinal(day),
            "D" => day.to_string(),
            "dddd" => (*weekday).to_owned(),
            "ddd" => short(weekday),
            "HH" => format!("{:02}", self.hour),
            "H" => self.hour.to_string(),
            "hh" => format!("{twelve:02}"),
            "h" => twelve.to_string(),
            "mm" => format!("{:02}", self.minute),
            "ss" => format!("{:02}", self.second),
            "A" => (if is_morning { "AM" } else { "PM" }).to_owned(),
            _ => (if is_morning { "am" } else { "pm" }).to_owned(),
        }
    }
}

fn ordinal(number: u8) -> String {
    let ending = match number % 10 {
        _ if (11..=13).contains(&number) => "th",
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn parse(text: &str) -> Option<Moment> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) if date.starts_with(|c: char| c.is_ascii_digit()) => (date, time),
        _ => text
            .find(':')
            .and_then(|colon| text.get(..colon)?.rfind(' '))
            .map_or((text, ""), |space| text.split_at(space)),
    };
    let (year, month, day) = numeric(date).or_else(|| in_words(date))?;
    let (hour, minute, second) = clock(time)?;
    let month = Month::try_from(month).ok()?;
    Some(Moment {
        date: Date::from_calendar_date(year, month, day).ok()?,
        hour,
        minute,
        second,
    })
}

/// `2020-03-27`, `2020/3/27`, and `3/27/2020` as JavaScript reads it.
fn numeric(text: &str) -> Option<(i32, u8, u8)> {
    let parts: Vec<&str> = text.trim().split(['-', '/']).collect();
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = if first.len() == 4 {
        (first, second, third)
    } else if text.contains('/') {
        (third, first, second)
    } else {
        return None;
    };
    let year = Some(year).filter(|year| year.len() == 4)?;
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// `27 March, 2020`, `March 27th, 2020`, `Fri, 27 Mar 2020`.
fn in_words(text: &str) -> Option<(i32, u8, u8)> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '-'));
    let (mut year, mut month, mut day) = (None, None, None);
    for word in words.filter(|word| !word.is_empty()) {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if let Ok(number) = digits.parse::<u16>() {
            match u8::try_from(number) {
                Ok(number) if digits.len() <= 2 && day.is_none() => day = Some(number),
                _ if digits.len() == 4 => year = Some(i32::from(number)),
                _ => return None,
            }
        } else if let Some(found) = month_of(word) {
            month = Some(found);
        } else if !DAYS.iter().any(|day| is_short_for(word, day)) {
            return None;
        }
    }
    Some((year?, month?, day?))
}

fn month_of(word: &str) -> Option<u8> {
    let at = MONTHS.iter().position(|month| is_short_for(word, month))?;
    u8::try_from(at + 1).ok()
}

/// Whether a word is a name or its beginning, of three letters at least.
fn is_short_for(word: &str, name: &str) -> bool {
    let beginning = name.get(..word.len());
    word.len() >= 3 && beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(word))
}

/// `08:30`, `8:30:15.5`, with `am`, `pm`, `Z` or an offset after it.
fn clock(text: &str) -> Option<(u8, u8, u8)> {
    let text = text.trim();
    if text.is_empty() {
        return Some((0, 0, 0));
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')));
    let (digits, zone) = text.split_at(end.unwrap_or(text.len()));
    let mut parts = digits.split(':').map(|part| {
        let whole = part.split('.').next().unwrap_or_default();
        whole.parse::<u8>().ok()
    });
    let hour = parts.next()??;
    let minute = parts.next()??;
    let second = parts.next().unwrap_or(Some(0))?;
    let zone = zone.trim().to_ascii_lowercase();
    let hour = match (zone.as_str(), hour) {
        ("pm", 1..12) => hour + 12,
        ("am", 12) => 0,
        _ => hour,
    };
    (hour < 24 && minute < 60 && second < 61).then_some((hour, minute, second))
}

fn from_millis(millis: f64) -> Option<Moment> {
    let seconds: i64 = format!("{:.0}", (millis / 1000.0).floor()).parse().ok()?;
    let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    Some(Moment {
        date: at.date(),
        hour: at.hour(),
        minute: at.minute(),
        second: at.second(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let moment = Moment::of(&Value::from(text)).ok()?;
        Some(moment.format("YYYY-MM-DD HH:mm:ss"))
    }

    #[test]
    fn dates_are_read_as_people_and_programs_write_them() {
        for (text, expected) in [
            ("27 March, 2020", "2020-03-27 00:00:00"),
            ("March 27th, 2020", "2020-03-27 00:00:00"),
            ("Fri, 27 Mar 2020 08:30:15 GMT", "2020-03-27 08:30:15"),
            ("2020-03-27", "2020-03-27 00:00:00"),
            ("2020-03-27T23:05:09.123Z", "2020-03-27 23:05:09"),
            ("3/27/2020", "2020-03-27 00:00:00"),
            ("3/27/2020 1:05 pm", "2020-03-27 13:05:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        let millis = Moment::of(&Value::from(1_585_267_200_000_i64)).unwrap();
        assert_eq!(millis.format("YYYY-MM-DD"), "2020-03-27");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "soon",
            "",
            "27/3/2020",
            "2020-02-30",
            "2020",
            "27 Brumaire 2020",
            "99",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"2".repeat(100_000)), None);
    }

    #[test]
    fn pictures_follow_moment_js() {
        let moment = Moment::of(&Value::from("2026-11-02T15:04:05")).unwrap();
        let painted = moment.format("dddd, MMMM Do YYYY, h:mm a [at] HH:mm:ss");
        assert_eq!(painted, "Monday, November 2nd 2026, 3:04 pm at 15:04:05");
    }
}
