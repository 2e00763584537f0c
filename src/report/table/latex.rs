//! The table for a paper: LaTeX with booktabs, ready for `\input`.

use super::formats::{notes, title};
use super::{Column, Row, Table};

/// A `tabular` under a comment that says what it needs.
pub fn latex(table: &Table) -> String {
    let aligned: String = table.columns.iter().map(|column| if column.is_metric() { 'r' } else { 'l' }).collect();
    let header = line(table.columns.iter().map(|column| heading(column, table)));
    let rows: String =
        table.rows.iter().map(|row| line(table.columns.iter().map(|column| cell(column, row)))).collect();
    let notes: String = notes(table).lines().map(|note| format!("% {note}\n")).collect();
    format!(
        "% \\usepackage{{booktabs}}\n{notes}\\begin{{tabular}}{{{aligned}}}\n\\toprule\n{header}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n"
    )
}

fn heading(column: &Column, table: &Table) -> String {
    let mark = if column.is_label_free() { "$^{\\dagger}$" } else { "" };
    escaped(&title(column, table)) + mark
}

fn cell(column: &Column, row: &Row) -> String {
    escaped(&column.cell(row).text()).replace('±', "$\\pm$")
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("{} \\\\\n", cells.collect::<Vec<_>>().join(" & "))
}

/// Text that means itself: names of files and runs may hold anything. `[` after a line's end would be read as an option.
fn escaped(text: &str) -> String {
    let each = |letter: char| match letter {
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{letter}"),
        '~' => "\\textasciitilde{}".to_owned(),
        '^' => "\\textasciicircum{}".to_owned(),
        '\\' => "\\textbackslash{}".to_owned(),
        '<' => "\\textless{}".to_owned(),
        '>' => "\\textgreater{}".to_owned(),
        '[' => "{[}".to_owned(),
        ']' => "{]}".to_owned(),
        '–' => "--".to_owned(),
        '−' => "$-$".to_owned(),
        letter if letter.is_control() => " ".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_latex_reads_as_commands_stays_text() {
        assert_eq!(escaped("a_b & 50 %"), "a\\_b \\& 50 \\%");
        assert_eq!(escaped("\\input{x}\n"), "\\textbackslash{}input\\{x\\} ");
        assert_eq!(escaped("[0.1, −0.2]"), "{[}0.1, $-$0.2{]}");
    }
}
