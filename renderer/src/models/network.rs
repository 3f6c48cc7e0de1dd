//! One model: read, bounded, tried, and then run as often as pictures ask for it.
//!
//! `tract` runs it on the thread that asks; nothing in it is shared but weights, so threads don't wait
//! for each other.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tract_onnx::prelude::{
    Datum as _, Framework as _, InferenceFact, InferenceModel, InferenceModelExt as _,
    IntoRunnable as _, IntoTValue as _, Tensor, TractResult, TypedModel, TypedRunnableModel, tvec,
};
use tract_onnx::tract_core::ops::konst::Const;
use tract_onnx::tract_hir::infer::Factoid as _;

use super::error::{ModelError, ModelsError};
use super::input::{Description, SIDES, index};

/// The most bytes of a model's file.
const FILE_LIMIT: u64 = 512 * 1024 * 1024;

/// The most that a run may take beside the weights, in bytes.
const MEMORY_LIMIT: u64 = 1024 * 1024 * 1024;

/// The longest that a run may take on this machine: as many of these as a picture may ask for
/// (`MAX_CUTOUTS`) are as long as its job may take.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// How often a model is tried: the first run is cold, and browsers start beside it.
const RUNS: usize = 2;

/// The most letters of what the engine says of a bad model: it may quote half of it.
const QUOTED: usize = 400;

/// A model that is ready.
pub(super) struct Network {
    plan: Arc<TypedRunnableModel>,
    width: u32,
    height: u32,
    outputs: Vec<Vec<usize>>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Network({}x{})", self.width, self.height)
    }
}

/// What a model must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contract {
    /// Its input and its outputs, in words.
    pub(super) expected: &'static str,
    /// How many of its outputs are read; the rest is not computed.
    pub(super) outputs: usize,
}

impl Network {
    /// Reads a model and tries it with an empty picture.
    pub(super) fn load(
        file: &Path,
        contract: Contract,
        description: &Description,
    ) -> Result<Self, ModelsError> {
        let bytes = read(file)?;
        // What is no model makes the engine panic now and then.
        let work = AssertUnwindSafe(|| Self::of(file, &bytes, contract, description));
        let network = catch_unwind(work).unwrap_or_else(|_| {
            Err(ModelsError::NotOnnx {
                file: file.to_owned(),
                problem: "the engine fails on it".to_owned(),
            })
        })?;
        network.tried(file, contract)
    }

    fn of(
        file: &Path,
        bytes: &[u8],
        contract: Contract,
        description: &Description,
    ) -> Result<Self, ModelsError> {
        let engine = |error: tract_onnx::prelude::TractError| ModelsError::NotOnnx {
            file: file.to_owned(),
            problem: quoted(&format!("{error:#}")),
        };
        let unfit = |problem: String| ModelsError::Unfit {
            file: file.to_owned(),
            problem,
            expected: contract.expected,
        };
        let model = tract_onnx::onnx()
            .with_ignore_value_info(true)
            .model_for_read(&mut &*bytes)
            .map_err(engine)?;
        let (width, height) = size(&model, description).map_err(unfit)?;
        let outlets = model.output_outlets().map_err(engine)?.to_vec();
        let outlets = outlets
            .get(..contract.outputs)
            .ok_or_else(|| unfit(format!("it has {} outputs", outlets.len())))?;
        let shape = [1, 3, index(height), index(width)];
        let model = model
            .with_output_outlets(outlets)
            .and_then(|model| {
                model.with_input_fact(0, InferenceFact::dt_shape(f32::datum_type(), shape))
            })
            .and_then(InferenceModel::into_optimized)
            .map_err(engine)?;
        let outputs = outputs(&model).map_err(engine)?;
        let outputs = outputs.ok_or_else(|| {
            unfit("its outputs are not of 32-bit numbers in a known shape".to_owned())
        })?;
        Ok(Self {
            plan: model.into_runnable().map_err(engine)?,
            width,
            height,
            outputs,
        })
    }

    /// Measures it.
    fn tried(self, file: &Path, contract: Contract) -> Result<Self, ModelsError> {
        let failed = |problem| ModelsError::NotOnnx {
            file: file.to_owned(),
            problem,
        };
        let memory = self.memory().map_err(|error| failed(error.to_string()))?;
        let memory = memory.ok_or_else(|| ModelsError::Unfit {
            file: file.to_owned(),
            problem: "what it takes depends on the picture, so it has no bound".to_owned(),
            expected: contract.expected,
        })?;
        if memory > MEMORY_LIMIT {
            return Err(ModelsError::TooLarge {
                file: file.to_owned(),
                mebibytes: memory / (1024 * 1024),
                limit: MEMORY_LIMIT / (1024 * 1024),
            });
        }
        let empty = vec![0.0; 3 * index(self.width) * index(self.height)];
        let mut took = Duration::MAX;
        for _ in 0..RUNS {
            let started = Instant::now();
            self.run(&empty).map_err(|error| failed(error.0))?;
            took = took.min(started.elapsed());
        }
        if took > TIME_LIMIT {
            return Err(ModelsError::TooSlow {
                file: file.to_owned(),
                took,
                limit: TIME_LIMIT,
            });
        }
        tracing::info!(
            file = %file.display(),
            size = %format_args!("{}x{}", self.width, self.height),
            mebibytes = memory / (1024 * 1024),
            milliseconds = took.as_millis(),
            "a model is ready; this is what each run of it takes"
        );
        Ok(self)
    }

    /// The bytes of all that is in memory at the worst moment of a run, but for weights and what single
    /// operations take to work with; `None` if a size depends on what is seen.
    fn memory(&self) -> TractResult<Option<u64>> {
        let model = self.plan.model();
        let order = self.plan.order_without_consts();
        let steps = model.eval_tmp_memory_usage(order, |node| !node.op_is::<Const>())?;
        let steps = steps.iter().map(|(_, bytes)| bytes.as_i64());
        let most = steps.collect::<Option<Vec<i64>>>();
        let most = most.map(|steps| steps.into_iter().max().unwrap_or(0));
        Ok(most.map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX)))
    }

    /// Width and height of its input.
    pub(super) const fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The shapes of its outputs.
    pub(super) fn outputs(&self) -> &[Vec<usize>] {
        &self.outputs
    }

    /// What it makes of an input of three planes of its size: each output, flat. Blocks for as long as
    /// that takes.
    pub(super) fn run(&self, planes: &[f32]) -> Result<Vec<Vec<f32>>, ModelError> {
        let shape = [1, 3, index(self.height), index(self.width)];
        let work = AssertUnwindSafe(|| {
            let input = Tensor::from_shape(&shape, planes)?;
            let found = self.plan.run(tvec!(input.into_tvalue()))?;
            let flat = found.iter().map(|tensor| {
                let view = tensor.to_plain_array_view::<f32>()?;
                Ok(view.iter().copied().collect())
            });
            flat.collect::<TractResult<Vec<Vec<f32>>>>()
        });
        let found = catch_unwind(work)
            .map_err(|_| ModelError("the engine panicked".to_owned()))?
            .map_err(|error| ModelError(quoted(&format!("{error:#}"))))?;
        if found.iter().flatten().any(|number| !number.is_finite()) {
            return Err(ModelError("not all of its output is numbers".to_owned()));
        }
        Ok(found)
    }
}

fn read(file: &Path) -> Result<Vec<u8>, ModelsError> {
    let unreadable = |source| ModelsError::Unreadable {
        file: file.to_owned(),
        source,
    };
    if fs::metadata(file).map_err(unreadable)?.len() > FILE_LIMIT {
        return Err(ModelsError::TooLong {
            file: file.to_owned(),
            limit: FILE_LIMIT,
        });
    }
    fs::read(file).map_err(unreadable)
}

/// Width and height of the input: the model's own, or those of its description.
fn size(model: &InferenceModel, description: &Description) -> Result<(u32, u32), String> {
    let inputs = model.input_outlets().map_or(0, <[_]>::len);
    if inputs != 1 {
        return Err(format!("it has {inputs} inputs"));
    }
    let fact = model.input_fact(0).map_err(|error| error.to_string())?;
    if fact.datum_type.concretize() != Some(f32::datum_type()) {
        return Err("its input is not of 32-bit numbers".to_owned());
    }
    let dims = fact.shape.dims();
    let sides: Vec<Option<i64>> = dims
        .map(|side| side.concretize().and_then(|side| side.as_i64()))
        .collect();
    let &[batch, channels, height, width] = sides.as_slice() else {
        return Err(format!("its input has {} dimensions", sides.len()));
    };
    if batch.is_some_and(|batch| batch != 1) || channels.is_some_and(|channels| channels != 3) {
        return Err("its input is not one picture of three channels".to_owned());
    }
    let side = |side: i64| u32::try_from(side).ok().filter(|side| SIDES.contains(side));
    let own = match (width, height) {
        (Some(width), Some(height)) => {
            let own = side(width).zip(side(height));
            Some(own.ok_or_else(|| format!("its input is {width} x {height}"))?)
        }
        (None, _) | (_, None) => None,
    };
    match (own, description.size()) {
        (Some(own), Some(said)) if own != said => Err(format!(
            "its input is {} x {}, which is not what its description says",
            own.0, own.1
        )),
        (Some(found), _) | (None, Some(found)) => Ok(found),
        (None, None) => Err(
            "the size of its input is open, and no description beside it says width and height"
                .to_owned(),
        ),
    }
}

/// The shapes of what comes out, if all of them are known and hold 32-bit numbers.
fn outputs(model: &TypedModel) -> TractResult<Option<Vec<Vec<usize>>>> {
    let shapes = model.output_outlets()?.iter().map(|outlet| {
        let fact = model.outlet_fact(*outlet)?;
        let shape = fact.shape.as_concrete().map(<[usize]>::to_vec);
        Ok(shape.filter(|_| fact.datum_type == f32::datum_type()))
    });
    let shapes: TractResult<Vec<Option<Vec<usize>>>> = shapes.collect();
    Ok(shapes?.into_iter().collect())
}

fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
