//! Words too common to say what a text is about, English and Bangla: articles, pronouns, prepositions, conjunctions,
//! auxiliary verbs and their contractions. Short lists on purpose: what a song is about may hang on a common word.

use std::collections::BTreeSet;

use super::clean::cleaned;

/// English, contractions with and without their first part.
pub const ENGLISH: &str = "a about above after again against all am an and any are aren't as at be because been before \
    being below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during \
    each few for from further had hadn't has hasn't have haven't having he he'd he'll he's her here here's hers herself \
    him himself his how how's i i'd i'll i'm i've if in into is isn't it it's its itself let's me more most my myself \
    no nor not of off on once only or other our ours ourselves out over own same she she'd she'll she's should \
    shouldn't so some such than that that's the their theirs them themselves then there there's these they they'd \
    they'll they're they've this those through to too under until up very was wasn't we we'd we'll we're we've were \
    weren't what what's when when's where where's which while who who's whom why will with won't would wouldn't you \
    you'd you'll you're you've your yours yourself yourselves";

/// Bangla.
pub const BANGLA: &str = "অথচ অথবা অনুযায়ী আছে আছেন আপনার আপনি আবার আমরা আমাকে আমাদের আমার আমায় আমি আর আরও আরো ই \
    ইহা উনি উপর এ এই এক একটা একটি এখন এখনও এখানে এত এতে এদের এবং এবার এমন এর এরা এস ও ওই ওকে ওখানে ওদের ওর ওরা \
    ওঁর কত কবে করা করে করেছে কাছে কাকে কারণ কারো কি কিছু কিন্তু কী কে কেউ কেন কোথায় কোন কোনও কোনো খুব গেছে গো ছাড়া ছিল ছিলাম \
    ছিলে ছিলেন জন্য জন্যে টা টি তখন তবু তবে তা তাই তাঁর তাকে তাতে তাদের তার তারা তারে তাহলে তিনি তুই তুমি তো তোকে তোমরা \
    তোমাকে তোমাদের তোমার তোমায় তোর থেকে দিয়ে দ্বারা নয় না নাই নাকি নি নিয়ে নিজে নিজের নেই পর পরে পর্যন্ত প্রতি বলে \
    বা বিনা ভাবে মত মতো মধ্যে মাঝে মোদের মোর যখন যত যদি যা যাকে যাদের যায় যার যারা যে যেন যেমন রে শুধু সঙ্গে সব সবাই \
    সাথে সে সেই সেখানে হচ্ছে হতে হবে হয় হয়ে হয়েছে হলে হলো";

/// The words of a list such as [`ENGLISH`], as words of cleaned texts are spelt.
pub fn listed(list: &str) -> BTreeSet<String> {
    list.split_whitespace().map(cleaned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::{Segmentation, for_each_word};

    #[test]
    fn every_stop_word_is_one_word_and_stands_once() {
        for list in [ENGLISH, BANGLA] {
            assert_eq!(listed(list).len(), list.split_whitespace().count());
            for word in listed(list) {
                let mut found = Vec::new();
                for_each_word(&word, Segmentation::Words, |word| found.push(word.to_owned()));
                assert_eq!(found, [word]);
            }
        }
    }

    #[test]
    fn spelling_is_that_of_cleaned_texts() {
        assert!(listed(BANGLA).contains(&cleaned("তোমা\u{9DF}")) && listed(ENGLISH).contains("don't"));
        assert!(!listed(BANGLA).contains("গান") && !listed(ENGLISH).contains("love"));
    }
}
