//! The trainable parameters of a network, in the order in which they were made.
//! candle's own `VarMap` is a hash map, whose order changes from process to process: sums and files would change with it.

use candle_core::{Device, Result, Tensor, Var, bail};

use super::init;

/// Named variables in building order. Names and layouts are PyTorch's: `encoder.0.weight` is `[out, in]`.
#[derive(Debug)]
pub struct Params {
    seed: u64,
    device: Device,
    /// What stands before the names of parameters that are made now.
    prefix: String,
    /// Whether what is made now is kept and not learned.
    keeping: bool,
    vars: Vec<(String, Var)>,
    kept: Vec<(String, Var)>,
}

/// The value of one parameter, off the device.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// The parameter's name, for instance `encoder.0.weight`.
    pub name: String,
    /// Its shape, for instance `[256, 40]`.
    pub shape: Vec<usize>,
    /// Its values in row-major order.
    pub values: Vec<f32>,
}

impl Params {
    /// No parameters yet; those made later are drawn under `seed` and live on `device`.
    pub fn new(seed: u64, device: &Device) -> Params {
        let (vars, kept) = (Vec::new(), Vec::new());
        Params { seed, device: device.clone(), prefix: String::new(), keeping: false, vars, kept }
    }

    /// Where the parameters live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What `make` makes, the names of its parameters beginning with `<scope>.`.
    pub fn within<T>(&mut self, scope: &str, make: impl FnOnce(&mut Params) -> T) -> T {
        let outer = self.prefix.clone();
        self.prefix = format!("{outer}{scope}.");
        let made = make(self);
        self.prefix = outer;
        made
    }

    /// What `make` makes, without gradients: such parameters are kept with the others and never moved by the optimiser.
    pub fn keeping<T>(&mut self, make: impl FnOnce(&mut Params) -> T) -> T {
        let outer = std::mem::replace(&mut self.keeping, true);
        let made = make(self);
        self.keeping = outer;
        made
    }

    /// Makes `name`, whose owner sets its values while training (PyTorch's buffers): kept with the parameters, not learned.
    pub fn kept(&mut self, name: &str, shape: &[usize], value: f32) -> Result<Var> {
        let name = format!("{}{name}", self.prefix);
        self.keeping(|params| params.make(name, vec![value; shape.iter().product()], shape))
    }

    /// Makes the parameter `name`, drawn as `torch.nn` does for a layer with `fan_in` inputs a unit.
    pub fn kaiming(&mut self, name: &str, shape: &[usize], fan_in: usize) -> Result<Tensor> {
        let name = format!("{}{name}", self.prefix);
        let values = init::uniform(self.seed, &name, shape.iter().product(), init::kaiming_bound(fan_in));
        self.add(name, values, shape)
    }

    /// Makes the parameter `name` with all its values equal to `value`.
    pub fn constant(&mut self, name: &str, shape: &[usize], value: f32) -> Result<Tensor> {
        self.add(format!("{}{name}", self.prefix), vec![value; shape.iter().product()], shape)
    }

    fn add(&mut self, name: String, values: Vec<f32>, shape: &[usize]) -> Result<Tensor> {
        Ok(self.make(name, values, shape)?.as_tensor().clone())
    }

    fn make(&mut self, name: String, values: Vec<f32>, shape: &[usize]) -> Result<Var> {
        if self.all().any(|(known, _)| *known == name) {
            bail!("two parameters are named `{name}`");
        }
        let var = Var::from_vec(values, shape, &self.device)?;
        let list = if self.keeping { &mut self.kept } else { &mut self.vars };
        list.push((name, var.clone()));
        Ok(var)
    }

    /// All parameters that are learned, with their names, in building order.
    pub fn vars(&self) -> &[(String, Var)] {
        &self.vars
    }

    /// What is learned, then what is kept, each in building order.
    pub fn all(&self) -> impl Iterator<Item = &(String, Var)> {
        self.vars.iter().chain(&self.kept)
    }

    /// The parameters whose names are `wanted`, in the same order: they are shared, so what moves here moves there.
    pub fn some(&self, wanted: impl Fn(&str) -> bool) -> Params {
        let of = |list: &[(String, Var)]| list.iter().filter(|(name, _)| wanted(name)).cloned().collect();
        let (vars, kept) = (of(&self.vars), of(&self.kept));
        Params { vars, kept, seed: self.seed, device: self.device.clone(), prefix: self.prefix.clone(), keeping: false }
    }

    /// How many numbers are trained.
    pub fn count(&self) -> usize {
        self.vars.iter().map(|(_, var)| var.elem_count()).sum()
    }

    /// A copy of all values.
    pub fn snapshot(&self) -> Result<Vec<Weight>> {
        let copy = |(name, var): &(String, Var)| {
            let values = var.flatten_all()?.to_vec1()?;
            Ok(Weight { name: name.clone(), shape: var.dims().to_vec(), values })
        };
        self.all().map(copy).collect()
    }

    /// Sets all values from `weights`, by name.
    ///
    /// # Errors
    /// A parameter is missing in `weights`, has another shape there, or `weights` has one too many.
    pub fn restore(&self, weights: &[Weight]) -> Result<()> {
        let known = self.vars.len() + self.kept.len();
        if weights.len() != known {
            bail!("{} weights given for a network of {known} parameters", weights.len());
        }
        self.all().try_for_each(|(name, var)| {
            let Some(weight) = weights.iter().find(|weight| weight.name == *name) else {
                bail!("no weights for `{name}`");
            };
            if weight.shape != var.dims() || weight.values.len() != var.elem_count() {
                bail!("`{name}` is {:?} in the network and {:?} in the weights", var.dims(), weight.shape);
            }
            var.set(&Tensor::from_slice(&weight.values, weight.shape.as_slice(), &self.device)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Params {
        let mut params = Params::new(3, &Device::Cpu);
        params.kaiming("b.weight", &[4, 3], 3).unwrap();
        params.constant("a.bias", &[4], 0.5).unwrap();
        params
    }

    #[test]
    fn a_snapshot_keeps_building_order_and_restores_every_value() {
        let params = two();
        let weights = params.snapshot().unwrap();
        assert_eq!(weights.iter().map(|w| w.name.as_str()).collect::<Vec<_>>(), ["b.weight", "a.bias"]);
        assert_eq!(params.count(), 16);
        let zeros: Vec<Weight> =
            weights.iter().map(|w| Weight { values: vec![0.0; w.values.len()], ..w.clone() }).collect();
        params.restore(&zeros).unwrap();
        assert_eq!(params.snapshot().unwrap(), zeros);
        params.restore(&weights).unwrap();
        assert_eq!(params.snapshot().unwrap(), weights);
    }

    #[test]
    fn what_is_kept_is_saved_with_the_rest_and_not_learned() {
        let mut params = two();
        let mean = params.kept("mean", &[2], 0.25).unwrap();
        params.within("key", |params| params.keeping(|params| params.kaiming("weight", &[2, 2], 2))).unwrap();
        assert_eq!((params.vars().len(), params.count(), params.all().count()), (2, 16, 4));
        let before = params.snapshot().unwrap();
        assert_eq!((before[2].name.as_str(), before[3].name.as_str()), ("mean", "key.weight"));
        mean.set(&Tensor::new(&[1f32, 2.0], &Device::Cpu).unwrap()).unwrap();
        assert_eq!(params.snapshot().unwrap()[2].values, [1.0, 2.0]);
        params.restore(&before).unwrap();
        assert_eq!(params.snapshot().unwrap(), before);
        assert!(params.kaiming("mean", &[2], 1).is_err());
    }

    #[test]
    fn weights_of_another_network_are_refused() {
        let params = two();
        let mut weights = params.snapshot().unwrap();
        weights[0].name = "c.weight".into();
        assert!(params.restore(&weights).unwrap_err().to_string().contains("no weights for `b.weight`"));
        assert!(params.restore(&weights[..1]).is_err());
    }

    #[test]
    fn a_part_shares_its_values_with_the_whole() {
        let params = two();
        let part = params.some(|name| name.starts_with("a."));
        assert_eq!(part.vars().len(), 1);
        part.restore(&[Weight { name: "a.bias".into(), shape: vec![4], values: vec![2.0; 4] }]).unwrap();
        assert_eq!(params.snapshot().unwrap()[1].values, [2.0; 4]);
    }

    #[test]
    fn scopes_stand_before_names_and_end() {
        let mut params = Params::new(3, &Device::Cpu);
        params.within("outer", |params| {
            params.within("inner", |params| params.constant("a", &[1], 0.0)).unwrap();
            params.constant("b", &[1], 0.0).unwrap();
        });
        params.kaiming("c", &[1], 1).unwrap();
        let names: Vec<&str> = params.vars().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["outer.inner.a", "outer.b", "c"]);
    }

    #[test]
    fn a_name_is_used_once() {
        assert!(two().constant("a.bias", &[1], 0.0).is_err());
    }
}
