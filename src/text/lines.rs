//! Lines of a text as an editor counts them, from 1: `\n`, `\r\n` and `\r` each end one.

/// Counts lines as an editor does: the reader does not, where lines end in CR LF or are blank.
pub struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// At the beginning of `text`.
    pub fn new(text: &[u8]) -> Lines<'_> {
        Lines { text, at: 0, line: 1 }
    }

    /// The line of the record that the reader says begins at `byte`; records are asked for in their order.
    pub fn of(&mut self, byte: usize) -> u64 {
        while self.at < byte || matches!(self.text.get(self.at), Some(b'\r' | b'\n')) {
            let Some(here) = self.text.get(self.at) else { break };
            let ends = *here == b'\n' || (*here == b'\r' && self.text.get(self.at + 1) != Some(&b'\n'));
            self.line += u64::from(ends);
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_counts_once_and_blank_lines_count_too() {
        let text = b"a\r\nb\n\n\rc";
        let mut lines = Lines::new(text);
        // A reader says that a record begins where the one before it ended.
        assert_eq!([0, 1, 4, 7].map(|byte| lines.of(byte)), [1, 2, 5, 5]);
    }
}
