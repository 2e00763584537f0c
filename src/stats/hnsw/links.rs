//! The graph: which rows are linked to which, level by level.

/// No row.
const NONE: u32 = u32::MAX;

/// The links of all rows.
#[derive(Debug, PartialEq, Eq)]
pub struct Links {
    /// Most links of a row on the upper levels.
    most: usize,
    /// `[rows, 2 most]`: the lowest level; rows that are not there yet have none.
    lowest: Vec<u32>,
    /// `[.., most]`: for each row its levels above, one after the other, and where they begin.
    upper: Vec<u32>,
    begins: Vec<usize>,
    /// The row where walks begin, and its level.
    entry: Option<(u32, usize)>,
}

impl Links {
    /// None yet; `levels` are the highest levels of the rows.
    pub fn new(levels: &[u8], most: usize) -> Links {
        let begins: Vec<usize> = std::iter::once(0)
            .chain(levels.iter().scan(0, |end, level| {
                *end += usize::from(*level) * most;
                Some(*end)
            }))
            .collect();
        let upper = vec![NONE; begins.last().copied().unwrap_or(0)];
        Links { most, lowest: vec![NONE; levels.len() * 2 * most], upper, begins, entry: None }
    }

    /// Most links of a row on this level.
    pub fn most(&self, level: usize) -> usize {
        if level == 0 { 2 * self.most } else { self.most }
    }

    /// The highest level of a row.
    pub fn level(&self, row: u32) -> usize {
        (self.begins[row as usize + 1] - self.begins[row as usize]) / self.most
    }

    /// Where walks begin, and on which level; None in an empty graph.
    pub fn entry(&self) -> Option<(u32, usize)> {
        self.entry
    }

    /// Walks begin at `row` from now on if it reaches higher than where they begin.
    pub fn enter(&mut self, row: u32) {
        let level = self.level(row);
        if self.entry.is_none_or(|(_, highest)| level > highest) {
            self.entry = Some((row, level));
        }
    }

    /// The rows that `row` is linked to on a level that it has.
    pub fn of(&self, row: u32, level: usize) -> &[u32] {
        let (all, start) = self.place(row, level);
        let all = &all[start..start + self.most(level)];
        &all[..all.iter().position(|link| *link == NONE).unwrap_or(all.len())]
    }

    /// Links `row` to `others` and to no others; at most [`Links::most`].
    pub fn set(&mut self, row: u32, level: usize, others: &[u32]) {
        let (most, start) = (self.most(level), self.place(row, level).1);
        let all = if level == 0 { &mut self.lowest } else { &mut self.upper };
        let all = &mut all[start..start + most];
        all.fill(NONE);
        all.iter_mut().zip(others).for_each(|(link, other)| *link = *other);
    }

    fn place(&self, row: u32, level: usize) -> (&[u32], usize) {
        match level {
            0 => (&self.lowest, row as usize * 2 * self.most),
            _ => (&self.upper, self.begins[row as usize] + (level - 1) * self.most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_its_levels_and_links() {
        let mut links = Links::new(&[0, 2, 0, 1], 2);
        assert_eq!([0, 1, 2, 3].map(|row| links.level(row)), [0, 2, 0, 1]);
        links.set(1, 2, &[3]);
        links.set(1, 0, &[0, 2, 3]);
        links.set(3, 1, &[1, 0]);
        assert_eq!((links.of(1, 2), links.of(1, 1), links.of(1, 0)), (&[3][..], &[][..], &[0, 2, 3][..]));
        links.set(1, 0, &[2]);
        assert_eq!((links.of(1, 0), links.of(3, 1), links.of(0, 0)), (&[2][..], &[1, 0][..], &[][..]));
    }

    #[test]
    fn walks_begin_at_the_highest_row() {
        let mut links = Links::new(&[0, 2, 2], 2);
        assert_eq!(links.entry(), None);
        [0, 2, 1].into_iter().for_each(|row| links.enter(row));
        assert_eq!(links.entry(), Some((2, 2)));
    }
}
