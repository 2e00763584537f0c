//! The assignment problem: pair rows with columns, each at most once, at the least total cost.
//! Kuhn (1955), Munkres (1957); shortest augmenting paths with potentials, O(n² m), after Jonker and Volgenant (1987).

use ndarray::{Array2, ArrayView2};

/// For each row of `cost` (finite values, `[rows, columns]`), the column it is paired with.
/// With more rows than columns some rows stay alone (None); as many pairs are made as can be.
pub fn minimise(cost: ArrayView2<f64>) -> Vec<Option<usize>> {
    let (rows, columns) = cost.dim();
    if rows <= columns {
        return invert(&owners(cost), rows);
    }
    owners(cost.t())
}

/// As `minimise`, for the largest total.
pub fn maximise(gain: ArrayView2<f64>) -> Vec<Option<usize>> {
    let cost: Array2<f64> = gain.mapv(|g| -g);
    minimise(cost.view())
}

fn invert(owners: &[Option<usize>], rows: usize) -> Vec<Option<usize>> {
    let mut columns = vec![None; rows];
    owners.iter().enumerate().for_each(|(column, owner)| owner.iter().for_each(|row| columns[*row] = Some(column)));
    columns
}

/// For each column the row that owns it; there are no more rows than columns, so every row owns one.
fn owners(cost: ArrayView2<f64>) -> Vec<Option<usize>> {
    let (rows, columns) = cost.dim();
    let mut search = Search { cost, rows: vec![0.0; rows], columns: vec![0.0; columns], owner: vec![None; columns] };
    (0..rows).for_each(|row| search.add(row));
    search.owner
}

/// Potentials with `cost[i, j] - rows[i] - columns[j] >= 0`, and 0 on the pairs made so far.
struct Search<'a> {
    cost: ArrayView2<'a, f64>,
    rows: Vec<f64>,
    columns: Vec<f64>,
    owner: Vec<Option<usize>>,
}

/// The tree of shortest alternating paths from the row that is being added.
struct Tree {
    slack: Vec<f64>,
    previous: Vec<Option<usize>>,
    visited: Vec<bool>,
}

impl Search<'_> {
    /// Pairs one more row: finds the shortest path to a free column, then shifts owners along it.
    fn add(&mut self, row: usize) {
        let n = self.columns.len();
        let mut tree = Tree { slack: vec![f64::INFINITY; n], previous: vec![None; n], visited: vec![false; n] };
        let (mut at_row, mut at_column) = (row, None);
        let free = loop {
            let (next, step) = self.grow(&mut tree, at_row, at_column);
            self.shift(&mut tree, row, step);
            tree.visited[next] = true;
            match self.owner[next] {
                None => break next,
                Some(owner) => (at_row, at_column) = (owner, Some(next)),
            }
        };
        self.flip(&tree, free, row);
    }

    /// Improves slacks by the edges of `row` (reached through `column`); gives the nearest column not visited and its slack.
    fn grow(&self, tree: &mut Tree, row: usize, column: Option<usize>) -> (usize, f64) {
        let mut nearest = (0, f64::INFINITY);
        for j in (0..self.columns.len()).filter(|j| !tree.visited[*j]).collect::<Vec<_>>() {
            let reduced = self.cost[[row, j]] - self.rows[row] - self.columns[j];
            if reduced < tree.slack[j] {
                (tree.slack[j], tree.previous[j]) = (reduced, column);
            }
            if tree.slack[j] < nearest.1 {
                nearest = (j, tree.slack[j]);
            }
        }
        nearest
    }

    /// Moves the potentials of the tree by `step`, so that the nearest column gets slack 0.
    fn shift(&mut self, tree: &mut Tree, root: usize, step: f64) {
        self.rows[root] += step;
        for j in 0..self.columns.len() {
            match (tree.visited[j], self.owner[j]) {
                (true, Some(owner)) => {
                    self.rows[owner] += step;
                    self.columns[j] -= step;
                }
                _ => tree.slack[j] -= step,
            }
        }
    }

    /// Hands each column on the path to the row before it; the first goes to `row`.
    fn flip(&mut self, tree: &Tree, mut column: usize, row: usize) {
        while let Some(previous) = tree.previous[column] {
            self.owner[column] = self.owner[previous];
            column = previous;
        }
        self.owner[column] = Some(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn total(cost: ArrayView2<f64>, pairs: &[Option<usize>]) -> f64 {
        pairs.iter().enumerate().filter_map(|(row, column)| Some(cost[[row, (*column)?]])).sum()
    }

    /// Tries every pairing of the rows from `row` on with the columns not yet taken; rows are no more than columns.
    fn brute_force(cost: ArrayView2<f64>, row: usize, taken: &mut Vec<usize>) -> f64 {
        if row == cost.nrows() {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for column in 0..cost.ncols() {
            if !taken.contains(&column) {
                taken.push(column);
                best = best.min(cost[[row, column]] + brute_force(cost, row + 1, taken));
                taken.pop();
            }
        }
        best
    }

    proptest! {
        #[test]
        fn the_least_cost_is_that_of_brute_force(rows in 1..6usize, more in 0..3usize, values in prop::collection::vec(-9..9i32, 48)) {
            let cost = Array2::from_shape_fn((rows, rows + more), |(i, j)| f64::from(values[i * 8 + j]));
            let pairs = minimise(cost.view());
            let mut columns: Vec<usize> = pairs.iter().flatten().copied().collect();
            columns.sort_unstable();
            columns.dedup();
            prop_assert_eq!(columns.len(), rows);
            let best = brute_force(cost.view(), 0, &mut Vec::new());
            prop_assert_eq!(total(cost.view(), &pairs), best);
            prop_assert!((total(cost.t(), &minimise(cost.t())) - best).abs() < 1e-12);
        }
    }

    #[test]
    fn more_rows_than_columns_leave_rows_alone() {
        assert_eq!(maximise(array![[1.0], [3.0], [2.0]].view()), [None, Some(0), None]);
    }

    #[test]
    fn nothing_pairs_with_nothing() {
        assert_eq!(minimise(Array2::zeros((0, 0)).view()), []);
        assert_eq!(minimise(Array2::zeros((2, 0)).view()), [None, None]);
    }
}
