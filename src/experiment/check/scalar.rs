//! Single values: is the type right, does the number lie in its range, can the type hold it.

use toml::Spanned;
use toml::de::{DeInteger, DeValue};

use super::shape::{Bounds, Kinds, Shape};
use super::{Place, Walk, joined, words};

impl<'a> Walk<'a> {
    /// A single value, or a table or list where something else belongs.
    pub(super) fn scalar(&mut self, place: Place<'a>, value: &Spanned<DeValue<'_>>) {
        let wrong = match (place.shape, value.get_ref()) {
            (Shape::Whole { range, least, most }, DeValue::Integer(number)) => whole(range, (*least, *most), number),
            (Shape::Number { range, most }, DeValue::Integer(number)) => decimal(
                range,
                *most,
                integer(number).filter(|&whole| held(whole)).map(|whole| whole as f64),
                &number.to_string(),
            ),
            (Shape::Number { range, most }, DeValue::Float(number)) => {
                decimal(range, *most, number.as_str().parse().ok(), number.as_str())
            }
            (Shape::Text { least, most }, DeValue::String(text)) => length(*least, *most, text),
            (Shape::Flag, DeValue::Boolean(_)) => None,
            (shape, other) => Some(format!("expected {}, found {}", words::expected(shape), words::found(other))),
        };
        if let Some(message) = wrong {
            let help = joined([remedy(place.shape, value.get_ref()), self.documentation(place)]);
            self.report(value.span(), message, help);
        }
    }

    /// Is `value` of a type that `shape` reads?
    pub(super) fn takes(&self, shape: &Shape, value: &DeValue<'_>) -> bool {
        match (self.schema.resolve(shape), value) {
            (Shape::Anything | Shape::Named(_), _) => true,
            (Shape::Kinds(Kinds { words, .. }), DeValue::String(_)) => !words.is_empty(),
            (Shape::Kinds(Kinds { tagged, .. }), DeValue::Table(_)) => !tagged.is_empty(),
            (Shape::Either(shapes), value) => shapes.iter().any(|shape| self.takes(shape, value)),
            (Shape::Table(_), DeValue::Table(_)) | (Shape::List { .. }, DeValue::Array(_)) => true,
            (Shape::Number { .. }, DeValue::Integer(_) | DeValue::Float(_)) => true,
            (Shape::Whole { .. }, DeValue::Integer(_)) => true,
            (Shape::Text { .. }, DeValue::String(_)) | (Shape::Flag, DeValue::Boolean(_)) => true,
            _ => false,
        }
    }
}

fn whole(range: &Bounds, (least, most): (i128, i128), number: &DeInteger<'_>) -> Option<String> {
    let outside = |said: String| Some(format!("{number} is out of range: {said}"));
    match integer(number) {
        Some(value) if !range.hold(value as f64) => outside(words::range(range)),
        Some(value) if value < least => outside(format!("at least {least}")),
        Some(value) if value <= most => None,
        _ => outside(format!("at most {most}")),
    }
}

fn decimal(range: &Bounds, most: f64, number: Option<f64>, written: &str) -> Option<String> {
    match number {
        Some(value) if value.is_finite() && value.abs() <= most && range.hold(value) => None,
        Some(value) if value.is_nan() || (value.is_infinite() && written.contains("inf")) => {
            Some(format!("expected a finite number, found {written}"))
        }
        Some(value) if !range.hold(value) => Some(format!("{written} is out of range: {}", words::range(range))),
        _ => Some(format!("{written} is out of range: too large for this number")),
    }
}

fn length(least: usize, most: usize, text: &str) -> Option<String> {
    let count = text.chars().count();
    match (least..=most).contains(&count) {
        true => None,
        false if count == 0 && least == 1 => Some("expected a string, found an empty one".to_owned()),
        false => Some(format!("expected {}, found {count}", words::amount(least, most, "character"))),
    }
}

/// The value of a whole number; `None` if it is beyond all types.
fn integer(number: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Can a whole number of TOML stand where a decimal one is read?
fn held(value: i128) -> bool {
    i64::try_from(value).is_ok() || u64::try_from(value).is_ok()
}

/// How the value would be right, where only its spelling is wrong.
fn remedy(shape: &Shape, value: &DeValue<'_>) -> Option<String> {
    let numeric = matches!(shape, Shape::Whole { .. } | Shape::Number { .. });
    let list = matches!(shape, Shape::List { .. });
    match value {
        DeValue::String(text) if numeric && text.parse::<f64>().is_ok_and(f64::is_finite) => {
            Some(format!("without quotes: {text}"))
        }
        DeValue::String(text) if *shape == Shape::Flag && matches!(text.as_ref(), "true" | "false") => {
            Some(format!("without quotes: {text}"))
        }
        DeValue::Integer(number) if matches!(shape, Shape::Text { .. }) => Some(format!("in quotes: \"{number}\"")),
        DeValue::Float(number) if matches!(shape, Shape::Whole { .. }) => {
            let whole = number.as_str().strip_suffix(".0")?;
            Some(format!("without the point: {whole}"))
        }
        DeValue::Table(_) if list => Some("a table of a list has double brackets: [[...]]".to_owned()),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) if list => Some("in brackets: [...]".to_owned()),
        _ => None,
    }
}
