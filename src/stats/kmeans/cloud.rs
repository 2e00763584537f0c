//! Points made ready for many passes: their mean at the origin (differences keep more digits there), in tiles of eight.

use ndarray::{Array2, ArrayView2, Axis};

use super::Fit;
use crate::stats::tiles::Tiles;

/// Points in tiles.
pub struct Cloud {
    /// The points, with their mean at the origin. Points without columns get one of zeros.
    pub tiles: Tiles,
    /// Squared length of each point, zeros behind the last; `[8 · tiles]`.
    pub norms: Vec<f64>,
    mean: Vec<f64>,
    order: Vec<usize>,
}

impl Cloud {
    /// `points` is `[points, dims]`, at least one.
    pub fn new(points: ArrayView2<f64>) -> Cloud {
        let mean = points.mean_axis(Axis(0)).map(|mean| mean.to_vec()).unwrap_or_default();
        Cloud::about(points, mean)
    }

    /// With `mean` (`[dims]`) at the origin, whatever the mean of `points` is.
    pub fn about(points: ArrayView2<f64>, mean: Vec<f64>) -> Cloud {
        Cloud::gathered(points, &(0..points.nrows()).collect::<Vec<_>>(), mean)
    }

    /// Some `rows` of `points`, with `mean` (`[dims]`) at the origin.
    pub fn gathered(points: ArrayView2<f64>, rows: &[usize], mean: Vec<f64>) -> Cloud {
        let none = Array2::zeros((points.nrows(), 1));
        let (points, origin) = if mean.is_empty() { (none.view(), &[0.0][..]) } else { (points, &mean[..]) };
        let tiles = Tiles::gathered(points, rows, origin);
        Cloud { norms: tiles.norms(), tiles, order: (0..rows.len()).collect(), mean }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.tiles.len()
    }

    /// Values a point has, at least one.
    pub fn dims(&self) -> usize {
        self.tiles.dims()
    }

    /// One point.
    pub fn point(&self, row: usize) -> Vec<f64> {
        self.tiles.point(row).collect()
    }

    /// The same points sorted by `labels`, so that the points of a tile tend to lie together; [`Cloud::move_back`]
    /// undoes it.
    pub fn sorted(self, labels: &[usize]) -> Cloud {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|row| labels[*row]);
        let tiles = self.tiles.select(&order);
        let order = order.into_iter().map(|row| self.order[row]).collect();
        Cloud { norms: tiles.norms(), tiles, mean: self.mean, order }
    }

    /// Centres `[k, dims]` moved as the cloud was, row-major.
    pub fn centred(&self, centres: ArrayView2<f64>) -> Vec<f64> {
        match self.mean.is_empty() {
            true => vec![0.0; centres.nrows()],
            false => centres
                .rows()
                .into_iter()
                .flat_map(|row| row.to_vec())
                .zip(self.mean.iter().cycle())
                .map(|(x, m)| x - m)
                .collect(),
        }
    }

    /// The fit with its centres where the points were, and its labels in their order.
    pub fn move_back(&self, mut fit: Fit) -> Fit {
        for mut centre in fit.centres.rows_mut() {
            centre.iter_mut().zip(&self.mean).for_each(|(x, m)| *x += m);
        }
        let sorted = fit.labels.clone();
        self.order.iter().zip(sorted).for_each(|(row, label)| fit.labels[*row] = label);
        fit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn sorting_is_undone_when_the_fit_is_moved_back() {
        let cloud = Cloud::new(array![[1.0], [5.0], [2.0], [4.0]].view()).sorted(&[1, 0, 1, 0]);
        assert_eq!((0..4).map(|row| cloud.point(row)[0]).collect::<Vec<_>>(), [2.0, 1.0, -2.0, -1.0]);
        let fit = Fit { labels: vec![0, 1, 2, 3], centres: array![[-3.0]], inertia: 0.0, iterations: 1 };
        let back = cloud.move_back(fit);
        assert_eq!((back.labels, back.centres), (vec![2, 0, 3, 1], array![[0.0]]));
    }

    #[test]
    fn points_without_columns_get_one_of_zeros() {
        let cloud = Cloud::new(Array2::zeros((3, 0)).view());
        assert_eq!((cloud.len(), cloud.dims(), cloud.point(2)), (3, 1, vec![0.0]));
        assert_eq!(cloud.centred(Array2::zeros((2, 0)).view()), [0.0, 0.0]);
    }
}
