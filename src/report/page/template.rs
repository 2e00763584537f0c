//! A page with named gaps, `{{name}}`, filled in one pass, so that what is filled in is never looked at again.

/// `template` with each gap replaced by what `fill` gives for its name.
pub fn fill(template: &str, fill: impl Fn(&str) -> String) -> String {
    let mut pieces = template.split("{{");
    let mut page = pieces.next().unwrap_or("").to_string();
    for piece in pieces {
        match piece.split_once("}}") {
            Some((name, rest)) => {
                page.push_str(&fill(name));
                page.push_str(rest);
            }
            None => page.push_str(piece),
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        assert_eq!(fill("a{{x}}b{{y}}", |name| format!("<{{{{{name}}}}}>")), "a<{{x}}>b<{{y}}>");
    }
}
