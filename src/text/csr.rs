//! Sparse matrices `[rows, width]`, row by row (compressed sparse rows): only values that are not zero are held.

use rayon::prelude::*;

/// Rows that one task works on.
const CHUNK: usize = 256;

/// A sparse matrix in f64. Columns rise within each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Csr {
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
    width: usize,
}

impl Csr {
    /// From parts: row `i` holds `columns[offsets[i]..offsets[i + 1]]`, which rise and are below `width`.
    /// None if the parts do not fit each other.
    pub fn new(offsets: Vec<usize>, columns: Vec<u32>, values: Vec<f64>, width: usize) -> Option<Csr> {
        let ends = offsets.first() == Some(&0) && offsets.last() == Some(&columns.len());
        let fits = ends && offsets.is_sorted() && values.len() == columns.len();
        let rises = |span: &[usize]| {
            let row = &columns[span[0]..span[1]];
            row.is_sorted_by(|a, b| a < b) && row.last().is_none_or(|last| (*last as usize) < width)
        };
        let sound = fits && offsets.windows(2).all(rises);
        sound.then_some(Csr { offsets, columns, values, width })
    }

    /// Of pieces that stand one below the other, each `(row lengths, columns, values)`; rises as [`Csr::new`] asks.
    pub(super) fn of_pieces(pieces: Vec<(Vec<usize>, Vec<u32>, Vec<f64>)>, width: usize) -> Csr {
        let total = pieces.iter().map(|(_, columns, _)| columns.len()).sum();
        let (mut columns, mut values) = (Vec::with_capacity(total), Vec::with_capacity(total));
        let mut offsets = vec![0];
        let mut end = 0;
        for (lengths, piece_columns, piece_values) in pieces {
            offsets.extend(lengths.into_iter().map(|length| {
                end += length;
                end
            }));
            columns.extend(piece_columns);
            values.extend(piece_values);
        }
        Csr { offsets, columns, values, width }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of values held.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether all is zero.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Where each row starts, and the last ends: `[rows + 1]`.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// Column of each value, row after row.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The values, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Columns and values of row `at`, which must be below [`Csr::rows`].
    pub fn row(&self, at: usize) -> (&[u32], &[f64]) {
        let span = self.offsets[at]..self.offsets[at + 1];
        (&self.columns[span.clone()], &self.values[span])
    }

    /// How many rows hold a value in each column, `[width]`.
    pub fn column_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.width];
        self.columns.iter().for_each(|column| counts[*column as usize] += 1);
        counts
    }

    /// Sum of each column, `[width]`.
    pub fn column_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.width];
        self.columns.iter().zip(&self.values).for_each(|(column, value)| sums[*column as usize] += value);
        sums
    }

    /// The rows `chosen` (below [`Csr::rows`]), in that order.
    pub fn take_rows(&self, chosen: &[usize]) -> Csr {
        let piece = |row: &usize| {
            let (columns, values) = self.row(*row);
            (vec![columns.len()], columns.to_vec(), values.to_vec())
        };
        Csr::of_pieces(chosen.iter().map(piece).collect(), self.width)
    }

    /// Column `i` moved to `places[i]`, or dropped. Kept columns must stay in order; `width` is above every place.
    pub(super) fn placed(&self, places: &[Option<u32>], width: usize) -> Csr {
        let piece = |rows: &[usize]| {
            let span = rows[0]..rows[rows.len() - 1];
            let (mut columns, mut values) = (Vec::with_capacity(span.len()), Vec::with_capacity(span.len()));
            let mut lengths = Vec::with_capacity(rows.len());
            for row in rows.windows(2) {
                let before = columns.len();
                for at in row[0]..row[1] {
                    if let Some(place) = places[self.columns[at] as usize] {
                        columns.push(place);
                        values.push(self.values[at]);
                    }
                }
                lengths.push(columns.len() - before);
            }
            (lengths, columns, values)
        };
        Csr::of_pieces(self.spans().par_iter().map(|rows| piece(rows)).collect(), width)
    }

    /// Every row as `change(columns, values)` leaves it, rows in parallel.
    pub(super) fn map_rows(mut self, change: impl Fn(&[u32], &mut [f64]) + Sync) -> Csr {
        let mut rest = self.values.as_mut_slice();
        let mut chunks = Vec::new();
        for rows in self.offsets.windows(2).collect::<Vec<_>>().chunks(CHUNK) {
            let length = rows[rows.len() - 1][1] - rows[0][0];
            let (own, after) = rest.split_at_mut(length);
            chunks.push((rows.to_vec(), own));
            rest = after;
        }
        let columns = &self.columns;
        chunks.into_par_iter().for_each(|(rows, mut values)| {
            for row in rows {
                let (own, after) = values.split_at_mut(row[1] - row[0]);
                change(&columns[row[0]..row[1]], own);
                values = after;
            }
        });
        self
    }

    /// Chunks of rows: each the offsets of its rows and the end of the last.
    fn spans(&self) -> Vec<&[usize]> {
        let rows = self.rows();
        (0..rows).step_by(CHUNK).map(|first| &self.offsets[first..=(first + CHUNK).min(rows)]).collect()
    }

    /// All values, `[rows, width]` row-major. For small matrices.
    pub fn to_dense(&self) -> Vec<f64> {
        let mut dense = vec![0.0; self.rows() * self.width];
        for row in 0..self.rows() {
            let (columns, values) = self.row(row);
            columns.iter().zip(values).for_each(|(column, value)| dense[row * self.width + *column as usize] = *value);
        }
        dense
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    fn small() -> Csr {
        Csr::new(vec![0, 2, 2, 3], vec![0, 2, 1], vec![1.0, 2.0, 3.0], 3).expect("sound")
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        assert_eq!(Csr::new(vec![0, 2], vec![1, 1], vec![1.0; 2], 3), None);
        assert_eq!(Csr::new(vec![0, 2], vec![0, 3], vec![1.0; 2], 3), None);
        assert_eq!(Csr::new(vec![0, 2, 1, 2], vec![0, 1], vec![1.0; 2], 3), None);
        assert_eq!(Csr::new(vec![0, 2], vec![0, 1], vec![1.0], 3), None);
        assert_eq!(Csr::new(vec![], vec![], vec![], 3), None);
    }

    #[test]
    fn sums_counts_and_rows_are_those_of_the_full_matrix() {
        let matrix = small();
        assert_eq!(matrix.to_dense(), [1.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0]);
        assert_eq!((matrix.column_sums(), matrix.column_counts()), (vec![1.0, 3.0, 2.0], vec![1, 1, 1]));
        assert_eq!(matrix.take_rows(&[2, 1]).to_dense(), [0.0, 3.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(matrix.placed(&[None, Some(0), Some(4)], 5).take_rows(&[0, 2]).to_dense()[4..7], [2.0, 3.0, 0.0]);
    }

    #[test]
    fn no_rows_and_no_columns_are_matrices_too() {
        let none = Csr::new(vec![0], vec![], vec![], 0).expect("sound");
        assert_eq!((none.rows(), none.len(), none.to_dense()), (0, 0, vec![]));
        assert_eq!(none.clone().placed(&[], 2).width(), 2);
        assert_eq!(none.clone().map_rows(|_, _| {}), none);
    }

    proptest! {
        #[test]
        fn rows_are_changed_each_for_itself(lengths in proptest::collection::vec(0usize..4, 0..600)) {
            let mut offsets = vec![0];
            lengths.iter().for_each(|length| offsets.push(offsets[offsets.len() - 1] + length));
            let columns: Vec<u32> = lengths.iter().flat_map(|length| 0..*length as u32).collect();
            let matrix = Csr::new(offsets, columns.clone(), vec![1.0; columns.len()], 3).expect("sound");
            let changed = matrix.clone().map_rows(|columns, values| {
                values.iter_mut().for_each(|value| *value *= columns.len() as f64);
            });
            for (row, length) in lengths.iter().enumerate() {
                let expected = vec![*length as f64; *length];
                prop_assert_eq!(changed.row(row), (matrix.row(row).0, expected.as_slice()));
            }
        }
    }
}
