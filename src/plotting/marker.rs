//! Marker shapes, so that classes differ by more than their colour.

/// The outline of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A disc.
    Circle,
    /// A square on its side.
    Square,
    /// A triangle, tip up.
    Up,
    /// A square on its tip.
    Diamond,
    /// A triangle, tip down.
    Down,
}

/// All shapes, in the order in which classes take them. Five and twelve colours give sixty different pairs.
pub const MARKERS: [Marker; 5] = [Marker::Circle, Marker::Square, Marker::Up, Marker::Diamond, Marker::Down];

/// More classes than this, and they differ by shape as well.
pub const PLAIN_CLASSES: usize = 8;

impl Marker {
    /// The shape of class `index` among `classes`.
    pub fn of(index: usize, classes: usize) -> Marker {
        if classes <= PLAIN_CLASSES { Marker::Circle } else { MARKERS[index % MARKERS.len()] }
    }

    /// Corners around the origin for a marker that looks as large as a disc of `radius`; empty for the disc.
    pub fn corners(self, radius: f64) -> Vec<(f64, f64)> {
        let (side, tip) = (0.88 * radius, 1.2 * radius);
        match self {
            Marker::Circle => Vec::new(),
            Marker::Square => vec![(-side, -side), (side, -side), (side, side), (-side, side)],
            Marker::Up => vec![(0.0, -tip), (0.95 * tip, 0.7 * tip), (-0.95 * tip, 0.7 * tip)],
            Marker::Diamond => vec![(0.0, -tip), (tip, 0.0), (0.0, tip), (-tip, 0.0)],
            Marker::Down => vec![(0.0, tip), (0.95 * tip, -0.7 * tip), (-0.95 * tip, -0.7 * tip)],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plotting::palette::categorical;

    #[test]
    fn sixty_classes_differ_by_colour_or_shape() {
        let looks: BTreeSet<String> =
            (0..60).map(|i| format!("{} {:?}", categorical(i).css(), Marker::of(i, 60))).collect();
        assert_eq!(looks.len(), 60);
        assert!((0..8).all(|i| Marker::of(i, 8) == Marker::Circle));
    }
}
