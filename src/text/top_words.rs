//! The words that tell groups of documents apart: class-based TF-IDF.
//! Grootendorst, "BERTopic: neural topic modeling with a class-based TF-IDF procedure" (2022):
//! weight = (share of the group's words) · ln(1 + mean words a group / count of the word in all groups).

use super::counts::Counts;

/// A word and its weight in a group.
pub type Weighed = (String, f64);

/// For each of `groups` groups its at most `most` heaviest words, falling; of equals the first in rising order. `group_of`
/// is the group of each document, None for documents that do not count. Words of one document only say nothing of a group.
pub fn top_words(counts: &Counts, group_of: &[Option<usize>], groups: usize, most: usize) -> Vec<Vec<Weighed>> {
    let width = counts.vocabulary.len();
    let (mut sums, mut documents) = (vec![vec![0.0; width]; groups], vec![0u32; width]);
    for (row, group) in group_of.iter().enumerate().take(counts.matrix.rows()) {
        let Some(sums) = group.and_then(|group| sums.get_mut(group)) else { continue };
        let (columns, values) = counts.matrix.row(row);
        for (column, value) in columns.iter().zip(values) {
            sums[*column as usize] += value;
            documents[*column as usize] += 1;
        }
    }
    let of_word: Vec<f64> = (0..width).map(|word| sums.iter().map(|group| group[word]).sum()).collect();
    let mean = of_word.iter().sum::<f64>() / groups.max(1) as f64;
    let rarity = |word: usize| (1.0 + mean / of_word[word].max(1.0)).ln();
    let heaviest = |group: &Vec<f64>| {
        let total = group.iter().sum::<f64>().max(1.0);
        let known = (0..width).filter(|word| group[*word] > 0.0 && documents[*word] > 1);
        let mut weighed: Vec<(usize, f64)> = known.map(|word| (word, group[word] / total * rarity(word))).collect();
        weighed.sort_by(|a, b| b.1.total_cmp(&a.1));
        weighed.into_iter().take(most).map(|(word, weight)| (counts.vocabulary.term(word).to_owned(), weight)).collect()
    };
    sums.iter().map(heaviest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::counts::{Counting, Terms};

    fn counted(documents: &[&str]) -> Counts {
        Counting { terms: Terms::Words { least: 1, most: 1 }, ..Counting::default() }.count(documents).unwrap()
    }

    #[test]
    fn a_word_of_one_group_outweighs_a_word_of_all() {
        let counts = counted(&["love love rain", "love rain rain", "love steel", "steel love love"]);
        let top = top_words(&counts, &[Some(0), Some(0), Some(1), Some(1)], 2, 1);
        assert_eq!((top[0][0].0.as_str(), top[1][0].0.as_str()), ("rain", "steel"));
        assert!(top[0][0].1 > 0.0);
    }

    #[test]
    fn words_of_one_document_and_documents_without_a_group_do_not_count() {
        let counts = counted(&["rare rare rare sun", "sun", "moon", "moon"]);
        let top = top_words(&counts, &[Some(0), Some(0), None, Some(1)], 2, 5);
        assert_eq!(top[0].len(), 1);
        assert!(top[1].is_empty(), "{:?}", top[1]);
        assert!(top_words(&counts, &[], 1, 5)[0].is_empty());
    }

    #[test]
    fn bangla_words_stay_whole() {
        let counts = counted(&["আমার সোনার বাংলা আমি তোমায় ভালোবাসি", "আমার সোনার বাংলা আমি তোমায় ভালোবাসি"]);
        assert_eq!(top_words(&counts, &[Some(0), Some(0)], 1, 9)[0].len(), 6);
    }
}
