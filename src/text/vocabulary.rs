//! Terms in rising order of their bytes (which is that of their code points), in one piece of memory.

use std::cmp::Ordering;

/// Different terms, rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    letters: String,
    /// `ends[i]` is where term `i` ends in `letters`.
    ends: Vec<usize>,
}

impl Vocabulary {
    /// Of terms that rise.
    pub(super) fn of_rising(terms: impl IntoIterator<Item = impl AsRef<str>>) -> Vocabulary {
        let mut all = Vocabulary::default();
        terms.into_iter().for_each(|term| all.push([term.as_ref()]));
        all
    }

    /// Of any terms; each stands once.
    pub fn new(mut terms: Vec<String>) -> Vocabulary {
        terms.sort_unstable();
        terms.dedup();
        Vocabulary::of_rising(terms)
    }

    /// Number of terms.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Term `at`, counted from 0; empty beyond the last.
    pub fn term(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends.get(at - 1).copied().unwrap_or(self.letters.len()) };
        &self.letters[start..self.ends.get(at).copied().unwrap_or(start)]
    }

    /// All terms, rising.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.term(at))
    }

    /// Number of a term.
    pub fn position(&self, term: &str) -> Option<usize> {
        let at = self.first_from(0, term);
        (at < self.len() && self.term(at) == term).then_some(at)
    }

    /// For each term its number in `other`.
    pub fn positions_in(&self, other: &Vocabulary) -> Vec<Option<u32>> {
        let mut from = 0;
        let place = |term: &str| {
            from = other.first_from(from, term);
            (from < other.len() && other.term(from) == term).then_some(from as u32)
        };
        self.terms().map(place).collect()
    }

    /// Adds a term made of parts; it must be greater than the last.
    pub(super) fn push<const N: usize>(&mut self, parts: [&str; N]) {
        parts.into_iter().for_each(|part| self.letters.push_str(part));
        self.ends.push(self.letters.len());
    }

    /// Adds the terms of another, all greater.
    pub(super) fn append(&mut self, greater: &Vocabulary) {
        let start = self.letters.len();
        self.letters.push_str(&greater.letters);
        self.ends.extend(greater.ends.iter().map(|end| start + end));
    }

    /// Terms that stand in either.
    pub(super) fn union(&self, other: &Vocabulary) -> Vocabulary {
        let (mut all, mut left, mut right) = (Vocabulary::default(), 0, 0);
        while left < self.len() && right < other.len() {
            let (a, b) = (self.term(left), other.term(right));
            let order = a.cmp(b);
            all.push([if order == Ordering::Greater { b } else { a }]);
            left += usize::from(order != Ordering::Greater);
            right += usize::from(order != Ordering::Less);
        }
        (left..self.len()).for_each(|at| all.push([self.term(at)]));
        (right..other.len()).for_each(|at| all.push([other.term(at)]));
        all
    }

    /// Number of the first term from `from` on that is not less: steps that double, then halves.
    fn first_from(&self, from: usize, term: &str) -> usize {
        let (mut low, mut step) = (from, 1);
        while low + step <= self.len() && self.term(low + step - 1) < term {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.term(middle) < term {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn terms_rise_and_stand_once() {
        let all = Vocabulary::new(["b", "a", "গান", "b", "a b"].map(String::from).to_vec());
        assert_eq!(all.terms().collect::<Vec<_>>(), ["a", "a b", "b", "গান"]);
        assert_eq!(
            [all.position("b"), all.position("গান"), all.position("c"), all.position("")],
            [Some(2), Some(3), None, None]
        );
        assert_eq!((all.term(9), Vocabulary::default().term(0), Vocabulary::default().is_empty()), ("", "", true));
    }

    proptest! {
        #[test]
        fn unions_and_positions_are_those_of_sets(left in "[a-e ]{0,40}", right in "[a-e ]{0,40}") {
            let terms = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
            let (a, b) = (Vocabulary::new(terms(&left)), Vocabulary::new(terms(&right)));
            prop_assert_eq!(a.union(&b), Vocabulary::new([terms(&left), terms(&right)].concat()));
            let naive: Vec<_> = a.terms().map(|term| b.terms().position(|other| other == term)).collect();
            prop_assert_eq!(a.positions_in(&b), naive.iter().map(|at| at.map(|at| at as u32)).collect::<Vec<_>>());
            prop_assert_eq!(a.terms().map(|term| b.position(term)).collect::<Vec<_>>(), naive);
        }
    }
}
