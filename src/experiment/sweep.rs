//! A list where one value belongs is a sweep: `model.beta_vae.beta=[1,4,8]` gives three experiments.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use toml::de::DeValue;

use super::check::shape::Shape;
use super::check::{Finding, Problem};
use super::document::{Document, MOST_PROBLEMS};
use super::overrides::Assignment;
use super::schema::Schema;

/// The most members of one sweep.
pub const MOST_MEMBERS: usize = 10_000;
const DEEPEST_LIST: usize = 16;

/// One experiment of a sweep.
#[derive(Clone, Debug)]
pub struct Member<T> {
    /// The file with the overrides of this member.
    pub document: Document<T>,
    /// The experiment they give.
    pub experiment: T,
}

/// Every experiment that a file and the overrides on the command line ask for; one, if nothing is swept. They come in the
/// order written: the last list varies fastest.
///
/// # Errors
/// All that is wrong with any member, each problem once; an empty list where one value belongs; more than 10,000 members.
pub fn members<T>(document: &Document<T>, overrides: &[Assignment]) -> Result<Vec<Member<T>>, Vec<Problem>>
where
    T: JsonSchema + DeserializeOwned,
{
    let axes = axes(document.schema(), overrides).map_err(|problem| vec![problem])?;
    let mut members = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    for chosen in product(&axes) {
        match member(document, chosen) {
            Ok(member) => members.push(member),
            Err(found) => found.into_iter().for_each(|problem| {
                if !problems.contains(&problem) {
                    problems.push(problem)
                }
            }),
        }
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    if problems.is_empty() { Ok(members) } else { Err(problems) }
}

fn member<T>(document: &Document<T>, chosen: Vec<Assignment>) -> Result<Member<T>, Vec<Problem>>
where
    T: JsonSchema + DeserializeOwned,
{
    let mut document = document.clone();
    let refused: Vec<Problem> = chosen.iter().filter_map(|assignment| document.set(assignment).err()).collect();
    match document.load() {
        Ok(experiment) if refused.is_empty() => Ok(Member { document, experiment }),
        loaded => Err(loaded.err().into_iter().flatten().chain(refused).collect()),
    }
}

/// The values each override takes, one for those that are not swept.
fn axes(schema: &Schema, overrides: &[Assignment]) -> Result<Vec<Vec<Assignment>>, Problem> {
    let mut members = 1usize;
    let mut axes = Vec::new();
    for assignment in overrides {
        let axis = axis(schema, assignment);
        members = members.saturating_mul(axis.len());
        match members {
            0 => return Err(refused(assignment, "an empty list where one value belongs".to_owned())),
            1..=MOST_MEMBERS => axes.push(axis),
            _ => {
                return Err(refused(
                    assignment,
                    format!("this makes {members} experiments; a sweep has at most {MOST_MEMBERS}"),
                ));
            }
        }
    }
    Ok(axes)
}

fn axis(schema: &Schema, assignment: &Assignment) -> Vec<Assignment> {
    let wanted = schema.at(assignment.keys()).map_or(usize::MAX, |shape| depth(schema, shape, DEEPEST_LIST));
    let given = assignment.value(0);
    match assignment.items() {
        Some(items) if written_depth(given.get_ref()) > wanted => items,
        _ => vec![assignment.clone()],
    }
}

fn refused(assignment: &Assignment, message: String) -> Problem {
    assignment.problem(Finding { span: assignment.place(), key: assignment.key(), message, help: None })
}

/// Every choice of one value an axis, the last axis fastest.
fn product(axes: &[Vec<Assignment>]) -> impl Iterator<Item = Vec<Assignment>> {
    let members: usize = axes.iter().map(Vec::len).product();
    (0..members).map(move |member| {
        let mut rest = member;
        let mut chosen: Vec<Assignment> = Vec::with_capacity(axes.len());
        for axis in axes.iter().rev() {
            chosen.push(axis[rest % axis.len()].clone());
            rest /= axis.len();
        }
        chosen.reverse();
        chosen
    })
}

/// How many lists stand around one value at this place; where anything may stand, a list is one value.
/// `fuel` ends the descent into a type that is a list of itself.
fn depth(schema: &Schema, shape: &Shape, fuel: usize) -> usize {
    match schema.resolve(shape) {
        _ if fuel == 0 => usize::MAX,
        Shape::List { item, first, .. } => {
            let inner = first.iter().chain([&**item]).map(|shape| depth(schema, shape, fuel - 1));
            inner.max().unwrap_or(0).saturating_add(1)
        }
        Shape::Either(shapes) => shapes.iter().map(|shape| depth(schema, shape, fuel - 1)).max().unwrap_or(0),
        Shape::Anything | Shape::Named(_) => usize::MAX,
        _ => 0,
    }
}

/// How many lists stand around every value that is written.
fn written_depth(value: &DeValue<'_>) -> usize {
    let Some(items) = value.as_array() else { return 0 };
    1 + items.iter().map(|item| written_depth(item.get_ref())).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::check::toy::{Toy, VALID, document};

    fn swept(overrides: &[&str]) -> Result<Vec<Vec<String>>, String> {
        let overrides: Vec<Assignment> = overrides.iter().map(|text| Assignment::parse(text).unwrap()).collect();
        let axes = axes(document(VALID).schema(), &overrides).map_err(|problem| problem.to_string())?;
        Ok(product(&axes).map(|member| member.iter().map(Assignment::to_string).collect()).collect())
    }

    #[test]
    fn a_list_where_one_value_belongs_is_a_sweep() {
        let members = swept(&["model.beta_vae.beta=[1, 4.5]", "train.steps=5", "seed=[1,2]"]).unwrap();
        let said: Vec<String> = members.iter().map(|member| member.join(" ")).collect();
        assert_eq!(
            said,
            [
                "model.beta_vae.beta=1 train.steps=5 seed=1",
                "model.beta_vae.beta=1 train.steps=5 seed=2",
                "model.beta_vae.beta=4.5 train.steps=5 seed=1",
                "model.beta_vae.beta=4.5 train.steps=5 seed=2",
            ]
        );
    }

    #[test]
    fn a_list_where_a_list_belongs_is_one_value() {
        for one in [
            "seeds=[1,2]",
            "metrics=[\"ari\"]",
            "split=[0.5,0.5]",
            "model.vae.backbone.mlp.hidden=[8,4]",
            "unknown=[1,2]",
        ] {
            assert_eq!(swept(&[one]).unwrap(), [[one]]);
        }
        assert_eq!(swept(&["model.vae.backbone.mlp.hidden=[[8], [4, 2]]"]).unwrap().len(), 2);
        assert_eq!(swept(&["cluster.0.algorithm.kmeans.k=[2,\"classes\"]"]).unwrap().len(), 2);
        assert_eq!(swept(&["model=[{ vae = {} }, { beta_vae = {} }]"]).unwrap().len(), 2);
    }

    #[test]
    fn a_sweep_has_an_end() {
        let hundred = format!("seed={:?}", (0..100).collect::<Vec<_>>());
        let many = swept(&[&hundred, &hundred.replace("seed", "train.steps"), "train.patience=[1,2]"]).unwrap_err();
        assert_eq!(many, "command line:1:16: this makes 20000 experiments; a sweep has at most 10000");
        assert_eq!(swept(&["seed=[]"]).unwrap_err(), "command line:1:6: an empty list where one value belongs");
    }

    #[test]
    fn a_member_is_the_experiment_of_its_overrides() {
        let overrides = [Assignment::parse("train.steps=[1,2]").unwrap(), Assignment::parse("name=x").unwrap()];
        let members = members(&document(VALID), &overrides).unwrap();
        assert_eq!(members.iter().map(|member| member.experiment.train.steps).collect::<Vec<_>>(), [1, 2]);
        let mut alone = document(VALID);
        alone.set(&Assignment::parse("train.steps=2").unwrap()).unwrap();
        alone.set(&Assignment::parse("name=x").unwrap()).unwrap();
        assert_eq!(alone.load().unwrap(), members[1].experiment);
    }

    #[test]
    fn a_mistake_of_the_file_is_told_once_and_one_of_a_member_at_its_item() {
        let file = VALID.replace("latent_dim", "latent_dims");
        let overrides = [Assignment::parse("seed=[1, \"x\", 2]").unwrap()];
        let told = members::<Toy>(&document(&file), &overrides).unwrap_err();
        let told: Vec<String> =
            told.iter().map(|problem| format!("{}:{}", problem.source_name, problem.column)).collect();
        assert_eq!(told, ["toy.toml:1", "command line:10"]);
    }
}
