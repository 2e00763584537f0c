//! Conditions on rows: `beta>=2`, `experiment=hard*`, `ari>0.3`.

use super::column::{Cell, Column};
use super::known::Known;
use super::{Row, TableError};
use std::cmp::Ordering;

/// Longer ones first: `>=` begins with `>`.
const OPERATORS: [&str; 7] = [">=", "<=", "!=", "==", "=", ">", "<"];

/// One condition.
#[derive(Debug)]
pub(super) struct Condition {
    /// What is compared.
    pub column: Column,
    operator: &'static str,
    value: String,
}

impl Condition {
    /// All of `texts`.
    pub fn all(texts: &[String], known: &Known) -> Result<Vec<Condition>, TableError> {
        texts.iter().map(|text| Condition::parse(text, known)).collect()
    }

    fn parse(text: &str, known: &Known) -> Result<Condition, TableError> {
        let none = || TableError::NoCondition(text.to_owned());
        let at = text.find(['<', '>', '=', '!']).ok_or_else(none)?;
        let (name, rest) = text.split_at(at);
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)).ok_or_else(none)?;
        let value = rest[operator.len()..].trim().trim_matches(['"', '\'']).to_owned();
        if name.trim().is_empty() || value.is_empty() {
            return Err(none());
        }
        Ok(Condition { column: known.find(name.trim())?, operator, value })
    }

    /// Whether it holds. What is not there is unlike everything.
    pub fn holds(&self, row: &Row) -> bool {
        let cell = self.column.cell(row);
        if cell == Cell::Nothing {
            return self.operator == "!=";
        }
        let order = match (cell.number(), self.value.parse::<f64>()) {
            (Some(number), Ok(value)) => number.partial_cmp(&value),
            _ if self.is_like(&cell.text()) => Some(Ordering::Equal),
            _ => Some(cell.text().as_str().cmp(&self.value)),
        };
        order.is_some_and(|order| match self.operator {
            ">=" => order.is_ge(),
            "<=" => order.is_le(),
            "!=" => order.is_ne(),
            ">" => order.is_gt(),
            "<" => order.is_lt(),
            _ => order.is_eq(),
        })
    }

    fn is_like(&self, text: &str) -> bool {
        glob::Pattern::new(&self.value).is_ok_and(|pattern| pattern.matches(text))
    }
}
