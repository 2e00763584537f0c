//! The tokens that a model was trained to see around a text, as the post-processor of `tokenizer.json` describes them:
//! for BERT `[CLS]` before and `[SEP]` after.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

use super::BertError;

/// Token numbers before and after a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Frame {
    pub before: Vec<u32>,
    pub after: Vec<u32>,
}

/// The kinds of post-processor that BERT-shaped models are saved with.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Processor {
    BertProcessing { cls: (String, u32), sep: (String, u32) },
    TemplateProcessing { single: Vec<Part>, special_tokens: BTreeMap<String, Special> },
}

/// A part of a template.
#[derive(Deserialize)]
enum Part {
    SpecialToken { id: String },
    Sequence {},
}

#[derive(Deserialize)]
struct Special {
    ids: Vec<u32>,
}

impl Frame {
    /// From the post-processor; without one nothing stands around a text.
    pub fn from_json(processor: Value) -> Result<Frame, BertError> {
        let reason = |error: serde_json::Error| BertError::Tokenizer { reason: format!("post_processor: {error}") };
        match serde_json::from_value(processor).map_err(reason)? {
            None => Ok(Frame::default()),
            Some(Processor::BertProcessing { cls, sep }) => Ok(Frame { before: vec![cls.1], after: vec![sep.1] }),
            Some(Processor::TemplateProcessing { single, special_tokens }) => of_template(&single, &special_tokens),
        }
    }

    /// Numbers of tokens around a text.
    pub fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// `ids` with the frame around them.
    pub fn around(&self, ids: &[u32]) -> Vec<u32> {
        [&self.before, ids, &self.after].concat()
    }
}

fn of_template(parts: &[Part], tokens: &BTreeMap<String, Special>) -> Result<Frame, BertError> {
    let (mut frame, mut is_after) = (Frame::default(), false);
    for part in parts {
        let Part::SpecialToken { id } = part else {
            is_after = true;
            continue;
        };
        let reason = || format!("post_processor: the token `{id}` of its template is not among its special_tokens");
        let special = tokens.get(id).ok_or_else(|| BertError::Tokenizer { reason: reason() })?;
        if is_after { &mut frame.after } else { &mut frame.before }.extend(&special.ids);
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_kinds_say_the_same() {
        let expected = Frame { before: vec![101], after: vec![102] };
        let bert = json!({"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]});
        let token = |id: &str| json!({"SpecialToken": {"id": id, "type_id": 0}});
        let template = json!({"type": "TemplateProcessing", "pair": [],
            "single": [token("<s>"), {"Sequence": {"id": "A", "type_id": 0}}, token("</s>")],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [101], "tokens": ["<s>"]},
                "</s>": {"id": "</s>", "ids": [102], "tokens": ["</s>"]}}});
        assert_eq!(Frame::from_json(bert), Ok(expected.clone()));
        assert_eq!(Frame::from_json(template), Ok(expected.clone()));
        assert_eq!(expected.around(&[5, 6]), [101, 5, 6, 102]);
        assert_eq!((Frame::from_json(Value::Null), expected.len()), (Ok(Frame::default()), 2));
    }

    #[test]
    fn a_template_without_its_tokens_is_refused() {
        let template = json!({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}],
            "special_tokens": {}});
        assert!(Frame::from_json(template).unwrap_err().to_string().contains("`[CLS]` of its template"));
        assert!(Frame::from_json(json!({"type": "ByteLevel"})).unwrap_err().to_string().contains("ByteLevel"));
    }
}
