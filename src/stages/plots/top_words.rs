//! The words that tell clusters apart, a row of them for each cluster.
//! Question: what are the clusters about? Good: words of one subject. Alarm: rows of another language only, or of fillers.

use serde_json::json;

use crate::plotting::canvas::{Align, Canvas, body, draw};
use crate::plotting::classes::shown;
use crate::plotting::scale::count;
use crate::plotting::text::{fit, width};
use crate::plotting::theme::{ACCENT, BODY, GRID, HEADER, INK, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};

const PLOT: &str = "top words";
/// Height of a row.
const ROW: f64 = 30.0;
/// Between two words.
const GAP: f64 = 14.0;
/// Width of the names of clusters.
const NAMES: f64 = 150.0;

/// Words of clusters.
#[derive(Clone, Debug)]
pub struct TopWords<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// Names of the clusters.
    pub clusters: &'a [String],
    /// Documents in each.
    pub documents: &'a [usize],
    /// Words and weights of each, falling.
    pub words: &'a [Vec<(String, f64)>],
}

impl TopWords<'_> {
    /// Draws a row a cluster, the largest first; words beyond the width are in the data only.
    ///
    /// # Errors
    /// Fails when no cluster has a word, or names and rows differ in number.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        same_size(PLOT, "cluster names", self.words.len(), self.clusters.len())?;
        same_size(PLOT, "numbers of documents", self.words.len(), self.documents.len())?;
        if self.words.iter().all(Vec::is_empty) {
            return Err(PlotError::Empty { plot: PLOT, why: "no track has lyrics" });
        }
        let mut rows: Vec<usize> = (0..self.words.len()).filter(|row| !self.words[*row].is_empty()).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(self.documents[*row]));
        let height = HEADER + 30.0 + ROW * rows.len() as f64;
        let data = json!({ "caption": self.caption, "clusters": self.clusters, "documents": self.documents,
            "words": self.words });
        draw(self.caption, height, data, |canvas| self.paint(canvas, &rows, height))
    }

    fn paint(&self, canvas: &mut Canvas<'_>, rows: &[usize], height: f64) {
        let page = body(height);
        for (place, row) in rows.iter().enumerate() {
            let y = page.y + ROW * (place as f64 + 0.5);
            canvas.line(&[(page.x, y + ROW / 2.0), (page.right(), y + ROW / 2.0)], GRID, 1.0);
            let name = fit(shown(&self.clusters[*row]), SMALL, NAMES - 60.0);
            canvas.strong(&name, (page.x, y), SMALL, INK, Align::Start);
            let documents = count(self.documents[*row]);
            canvas.text(&documents, (page.x + NAMES - 14.0, y), SMALL - 1.0, MUTED, Align::End);
            self.paint_words(canvas, *row, (page.x + NAMES, y), page.right());
        }
    }

    /// Words as far as there is room, the heaviest in colour.
    fn paint_words(&self, canvas: &mut Canvas<'_>, row: usize, (mut x, y): (f64, f64), right: f64) {
        let heaviest = self.words[row].first().map_or(1.0, |(_, weight)| *weight);
        for (word, weight) in &self.words[row] {
            let size = SMALL - 1.0 + (BODY - SMALL + 2.0) * (weight / heaviest).clamp(0.0, 1.0);
            let room = width(word, size);
            if x + room > right {
                return;
            }
            let colour = if *weight > 0.5 * heaviest { ACCENT } else { INK };
            canvas.text(word, (x, y), size, colour, Align::Start);
            x += room + GAP;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption, names};

    #[test]
    fn clusters_of_words_in_two_scripts_are_drawn() {
        let words = |list: &[&str]| list.iter().map(|word| ((*word).to_owned(), 0.5)).collect::<Vec<_>>();
        let rows = [words(&["love", "rain"]), words(&["সোনার", "ভালোবাসি"]), Vec::new()];
        let plot = TopWords { caption: &caption(), clusters: &names(3), documents: &[4, 9, 0], words: &rows };
        assert_sound(&plot.draw().unwrap());
        assert!(TopWords { words: &[Vec::new(), Vec::new(), Vec::new()], ..plot }.draw().is_err());
    }

    #[test]
    fn rows_and_names_must_agree() {
        let plot = TopWords { caption: &caption(), clusters: &names(1), documents: &[1], words: &[] };
        assert!(plot.draw().is_err());
    }
}
