//! The Pareto front: rows of which no other is at least as good in every column asked for, and better in one.

use super::known::Known;
use super::{Row, TableError};

/// Keeps the front of `rows`. `-ari` asks for large values, `fad` for small ones, as in sorting the best come first. Rows
/// that lack one of the figures are not on it.
pub(super) fn keep_front(rows: &mut Vec<Row>, keys: &[String], known: &Known) -> Result<(), TableError> {
    if keys.is_empty() {
        return Ok(());
    }
    let aims = keys.iter().map(|key| Ok((known.find(key.trim_start_matches(['-', '+']))?, key.starts_with('-'))));
    let aims = aims.collect::<Result<Vec<_>, TableError>>()?;
    let cost = |row: &Row| -> Option<Vec<f64>> {
        let value = |(column, larger): &(super::Column, bool)| {
            column.cell(row).number().map(|number| if *larger { -number } else { number })
        };
        aims.iter().map(value).collect()
    };
    let costs: Vec<Option<Vec<f64>>> = rows.iter().map(cost).collect();
    let is_beaten = |own: &[f64]| costs.iter().flatten().any(|other| dominates(other, own));
    let mut on_front = costs.iter().map(|own| own.as_ref().is_some_and(|own| !is_beaten(own)));
    rows.retain(|_| on_front.next().unwrap_or(false));
    Ok(())
}

/// Whether `a` costs no more anywhere than `b`, and less somewhere.
fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_dominates_and_equals_do_not() {
        assert!(dominates(&[1.0, 2.0], &[1.0, 3.0]));
        assert!(!dominates(&[1.0, 2.0], &[1.0, 2.0]) && !dominates(&[0.0, 9.0], &[1.0, 3.0]));
    }
}
