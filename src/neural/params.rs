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
    vars: Vec<(String, Var)>,
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
        Params { seed, device: device.clone(), prefix: String::new(), vars: Vec::new() }
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
        if self.vars.iter().any(|(known, _)| *known == name) {
            bail!("two parameters are named `{name}`");
        }
        let var = Var::from_vec(values, shape, &self.device)?;
        let tensor = var.as_tensor().clone();
        self.vars.push((name, var));
        Ok(tensor)
    }

    /// All parameters with their names, in building order.
    pub fn vars(&self) -> &[(String, Var)] {
        &self.vars
    }

    /// The parameters whose names `are_kept`, in the same order: they are shared, so what moves here moves there.
    pub fn some(&self, are_kept: impl Fn(&str) -> bool) -> Params {
        let vars = self.vars.iter().filter(|(name, _)| are_kept(name)).cloned().collect();
        Params { seed: self.seed, device: self.device.clone(), prefix: self.prefix.clone(), vars }
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
        self.vars.iter().map(copy).collect()
    }

    /// Sets all values from `weights`, by name.
    ///
    /// # Errors
    /// A parameter is missing in `weights`, has another shape there, or `weights` has one too many.
    pub fn restore(&self, weights: &[Weight]) -> Result<()> {
        if weights.len() != self.vars.len() {
            bail!("{} weights given for a network of {} parameters", weights.len(), self.vars.len());
        }
        self.vars.iter().try_for_each(|(name, var)| {
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
