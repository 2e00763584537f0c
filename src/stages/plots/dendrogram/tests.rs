//! The picture of the tree: marks for known trees, large trees stay light, wrong trees are errors.

use serde_json::json;

use super::{Dendrogram, Drawing, Merge, PlotError};
use crate::plotting::check::{assert_sound, caption, names};
use crate::plotting::theme::AXIS;

/// A tree over `points` that always merges the two oldest clusters; merge `i` has height `i + 1`.
fn balanced(points: usize) -> Vec<Merge> {
    let mut sizes = vec![1; points];
    let merge = |at: usize| {
        let children = [2 * at, 2 * at + 1];
        let size = sizes[children[0]] + sizes[children[1]];
        sizes.push(size);
        Merge { children, height: at as f64 + 1.0, size }
    };
    (0..points.saturating_sub(1)).map(merge).collect()
}

/// A tree over `points` that adds one point after the other.
fn chain(points: usize) -> Vec<Merge> {
    let merge = |at: usize| Merge {
        children: [if at == 0 { 0 } else { points + at - 1 }, at + 1],
        height: (at as f64).sqrt(),
        size: at + 2,
    };
    (0..points - 1).map(merge).collect()
}

fn labels(points: usize) -> Vec<Option<u32>> {
    (0..points).map(|point| if point % 9 == 8 { None } else { Some((point % 4) as u32) }).collect()
}

fn draw_tree(merges: &[Merge], labels: &[Option<u32>], k: Option<usize>) -> Result<Drawing, PlotError> {
    Dendrogram { caption: &caption(), merges, labels, names: &names(5), of: "genre", k }.draw()
}

/// Lines of the tree: those of four corners.
fn elbows(drawing: &Drawing) -> usize {
    let points =
        |line: &str| line.split("points=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_string);
    let lines = drawing.svg.split("<polyline").skip(1).filter_map(points);
    lines.filter(|points| points.split_whitespace().count() == 4).count()
}

fn wedges(drawing: &Drawing) -> usize {
    drawing.svg.split("<polygon").skip(1).filter(|rest| rest.split('>').next().unwrap().contains(&AXIS.css())).count()
}

#[test]
fn every_merge_is_one_elbow_and_the_numbers_are_kept() {
    let drawing = draw_tree(&balanced(12), &labels(12), Some(3)).unwrap();
    assert_sound(&drawing);
    assert_eq!(elbows(&drawing), 11);
    assert_eq!(wedges(&drawing), 0);
    assert_eq!(drawing.data["linkage"][10], json!([20, 21, 11.0, 12]));
    assert_eq!((&drawing.data["k"], &drawing.data["cut"]), (&json!(3), &json!(9.5)));
}

#[test]
fn large_trees_show_their_top_and_say_so() {
    for (merges, points) in [(balanced(8_000), 8_000), (chain(20_000), 20_000)] {
        let drawing = draw_tree(&merges, &labels(points), Some(10)).unwrap();
        assert_sound(&drawing);
        assert_eq!(elbows(&drawing), 200);
        assert!((1..=201).contains(&wedges(&drawing)));
        assert!(drawing.svg.contains("top 200 of "));
        assert!(drawing.svg.len() < 200_000, "{}", drawing.svg.len());
    }
}

#[test]
fn the_cut_is_in_sight_whatever_its_number() {
    for k in [1, 2, 250, 600] {
        let drawing = draw_tree(&balanced(600), &labels(600), Some(k)).unwrap();
        assert_sound(&drawing);
        assert_eq!(elbows(&drawing), 200.max(k - 1));
    }
}

#[test]
fn small_and_flat_trees_are_drawn() {
    let flat = |height: f64| vec![Merge { children: [0, 1], height, size: 2 }];
    for height in [0.0, -2.0, 1e-320, 1e300] {
        assert_sound(&draw_tree(&flat(height), &[None, Some(1)], None).unwrap());
        assert_sound(&draw_tree(&flat(height), &[None, None], Some(2)).unwrap());
    }
}

#[test]
fn too_few_points_and_unequal_numbers_are_errors() {
    assert!(matches!(draw_tree(&[], &[], None), Err(PlotError::Empty { .. })));
    assert!(matches!(draw_tree(&[], &[Some(0)], None), Err(PlotError::Empty { .. })));
    assert!(matches!(draw_tree(&balanced(5), &labels(4), None), Err(PlotError::Shape { expected: 3, got: 4, .. })));
    assert!(matches!(
        draw_tree(&balanced(2), &[Some(0), Some(5)], None),
        Err(PlotError::Shape { expected: 6, got: 5, .. })
    ));
    assert!(matches!(draw_tree(&balanced(4), &labels(4), Some(0)), Err(PlotError::Shape { expected: 1, got: 0, .. })));
    assert!(matches!(draw_tree(&balanced(4), &labels(4), Some(5)), Err(PlotError::Shape { expected: 5, got: 4, .. })));
}
