//! One round of Borůvka: the shortest edge that leaves each component.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;

use super::Edge;
use crate::stats::neighbours::{BLOCK_ROWS, Neighbours, Screen, Tile};

/// If the lists settle at least one of so many components, the others wait: their search is cheaper a round later.
const SETTLED_SHARE: usize = 4;

/// Components of points, and the shortest edges known to leave them.
pub struct Search<'a> {
    screen: &'a Screen,
    near: &'a Neighbours,
    core: &'a [f64],
    component: Vec<usize>,
    /// Of each component, from the lists.
    listed: Vec<Option<Edge>>,
    /// Points that may have a shorter edge than the listed one of their component.
    open: Vec<bool>,
    /// Of each component, how many such points.
    unsettled: Vec<usize>,
}

impl<'a> Search<'a> {
    /// `component` of each point is below `count`.
    pub fn new(
        screen: &'a Screen,
        near: &'a Neighbours,
        core: &'a [f64],
        component: Vec<usize>,
        count: usize,
    ) -> Search<'a> {
        let (open, unsettled) = (vec![false; component.len()], vec![0; count]);
        let mut search = Search { screen, near, core, component, listed: vec![None; count], open, unsettled };
        search.look_into_lists();
        search.find_open();
        search
    }

    /// Shortest edges of components, at least of one in [`SETTLED_SHARE`], or of all but one.
    pub fn shortest(mut self) -> Vec<Edge> {
        let settled = self.unsettled.iter().filter(|points| **points == 0).count();
        if settled * SETTLED_SHARE < self.unsettled.len() {
            self.search_all_but_one();
        }
        self.listed.iter().zip(&self.unsettled).filter_map(|(edge, open)| edge.filter(|_| *open == 0)).collect()
    }

    fn look_into_lists(&mut self) {
        for point in 0..self.component.len() {
            let own = self.component[point];
            let outside = self.near.of(point).filter(|(other, _)| self.component[*other] != own);
            let edges = outside.map(|(other, squared)| Edge::between(point, other, squared, self.core));
            self.listed[own] = edges.chain(self.listed[own]).min();
        }
    }

    /// A point is open if one that is not in its list, so not nearer than the last of the list, may be better.
    fn find_open(&mut self) {
        let k = self.near.k;
        for (point, component) in self.component.iter().enumerate() {
            let last = if k == 0 { 0.0 } else { self.near.squared[point * k + k - 1] };
            let least = Edge { reach: last.max(self.core[point]), squared: last, a: 0, b: 0 };
            self.open[point] = self.listed[*component].is_none_or(|edge| least < edge);
            self.unsettled[*component] += usize::from(self.open[point]);
        }
    }

    /// Searches for every component but the one that costs most.
    fn search_all_but_one(&mut self) {
        let dearest = (0..self.unsettled.len()).max_by_key(|at| self.unsettled[*at]).unwrap_or(0);
        let open = |point: &usize| self.open[*point] && self.component[*point] != dearest;
        let mut order: Vec<usize> = (0..self.component.len()).collect();
        order.sort_by_key(|point| (!open(point), self.component[*point]));
        let searched = order.iter().take_while(|point| open(point)).count();
        for (component, edge) in self.search(&order, searched) {
            self.listed[component] = self.listed[component].into_iter().chain([edge]).min();
        }
        let kept = self.unsettled[dearest];
        self.unsettled.fill(0);
        self.unsettled[dearest] = kept;
    }

    /// The shortest edges of the first `searched` points in `order`; these and the others are sorted by component.
    fn search(&self, order: &[usize], searched: usize) -> Vec<(usize, Edge)> {
        let screen = self.screen.reordered(order);
        let reach = |edge: &Option<Edge>| AtomicU64::new(edge.map_or(f64::INFINITY, |edge| edge.reach).to_bits());
        let reached: Vec<AtomicU64> = self.listed.iter().map(reach).collect();
        let blocks: Vec<Range<usize>> =
            (0..searched).step_by(BLOCK_ROWS).map(|first| first..(first + BLOCK_ROWS).min(searched)).collect();
        let block = |tile: &mut Tile, rows: &Range<usize>| {
            let columns = self.columns(order, searched, rows);
            self.search_block(&screen, order, rows.clone(), &columns, &reached, tile)
        };
        blocks.par_iter().map_init(Tile::default, block).collect::<Vec<_>>().concat()
    }

    /// All columns, less those of the block's own component if all its rows are of one.
    fn columns(&self, order: &[usize], searched: usize, rows: &Range<usize>) -> Vec<Range<usize>> {
        let component = |at: usize| self.component[order[at]];
        let own = component(rows.start);
        if own != component(rows.end - 1) {
            return std::iter::once(0..order.len()).collect();
        }
        let part = |part: Range<usize>| {
            let before = |wanted: usize| {
                part.start + order[part.clone()].partition_point(|point| self.component[*point] < wanted)
            };
            [part.start..before(own), before(own + 1)..part.end]
        };
        [part(0..searched), part(searched..order.len())].concat()
    }

    fn search_block(
        &self,
        screen: &Screen,
        order: &[usize],
        rows: Range<usize>,
        columns: &[Range<usize>],
        reached: &[AtomicU64],
        tile: &mut Tile,
    ) -> Vec<(usize, Edge)> {
        let reach = |component: usize| f64::from_bits(reached[component].load(Relaxed));
        let own = |row: usize| self.component[order[row]];
        let mut limits: Vec<f32> = rows.clone().map(|row| screen.limit(row, reach(own(row)))).collect();
        let mut best: Vec<Option<Edge>> = vec![None; rows.len()];
        for columns in columns {
            screen.scan(rows.clone(), columns.clone(), tile, &mut limits, |row, column, limit| {
                let (point, other, component) = (order[row], order[column], own(row));
                if self.component[other] == component || self.core[other] > reach(component) {
                    return;
                }
                let edge = Edge::between(point, other, screen.squared(row, column), self.core);
                let mine = &mut best[row - rows.start];
                *mine = Some(mine.map_or(edge, |known| known.min(edge)));
                reached[component].fetch_min(edge.reach.to_bits(), Relaxed);
                *limit = screen.limit(row, reach(component));
            });
        }
        rows.zip(best).filter_map(|(row, edge)| edge.map(|edge| (own(row), edge))).collect()
    }
}
