//! Models made by hand, so small that what they see is known to the pixel.

use prost::Message as _;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

/// How steeply a made model decides.
const STEEP: f32 = 20.0;

/// A graph in the making.
#[derive(Default)]
pub(crate) struct Made {
    graph: GraphProto,
}

impl Made {
    /// With an input; 0 is a side that is left open.
    pub(crate) fn of(shape: &[i64]) -> Self {
        Self::of_type(DataType::Float, shape)
    }

    pub(crate) fn of_type(kind: DataType, shape: &[i64]) -> Self {
        let mut made = Self::default();
        made.graph.name = "made".to_owned();
        made.graph.input.push(value("picture", kind, shape));
        made
    }

    pub(crate) fn numbers(mut self, name: &str, dims: &[i64], numbers: &[f32]) -> Self {
        self.graph.initializer.push(TensorProto {
            name: name.to_owned(),
            dims: dims.to_vec(),
            data_type: DataType::Float as i32,
            float_data: numbers.to_vec(),
            ..TensorProto::default()
        });
        self
    }

    pub(crate) fn sides(mut self, name: &str, sides: &[i64]) -> Self {
        self.graph.initializer.push(TensorProto {
            name: name.to_owned(),
            dims: vec![i64::try_from(sides.len()).unwrap()],
            data_type: DataType::Int64 as i32,
            raw_data: sides.iter().flat_map(|side| side.to_le_bytes()).collect(),
            ..TensorProto::default()
        });
        self
    }

    pub(crate) fn node(
        mut self,
        operation: &str,
        inputs: &[&str],
        output: &str,
        attributes: &[(&str, &[i64])],
    ) -> Self {
        self.graph.node.push(NodeProto {
            name: format!("{operation}-{output}"),
            op_type: operation.to_owned(),
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            attribute: attributes
                .iter()
                .map(|(name, numbers)| AttributeProto {
                    name: (*name).to_owned(),
                    r#type: AttributeType::Ints as i32,
                    ints: numbers.to_vec(),
                    ..AttributeProto::default()
                })
                .collect(),
            ..NodeProto::default()
        });
        self
    }

    pub(crate) fn output(mut self, name: &str) -> Self {
        self.graph.output.push(value(name, DataType::Float, &[]));
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let model = ModelProto {
            ir_version: 7,
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: 13,
            }],
            producer_name: "platen".to_owned(),
            graph: Some(self.graph),
            ..ModelProto::default()
        };
        model.encode_to_vec()
    }
}

fn value(name: &str, kind: DataType, shape: &[i64]) -> ValueInfoProto {
    let dim = shape.iter().map(|&side| Dimension {
        denotation: String::new(),
        value: Some(if side == 0 {
            dimension::Value::DimParam(format!("{name}-side"))
        } else {
            dimension::Value::DimValue(side)
        }),
    });
    let dim: Vec<_> = dim.collect();
    let tensor = type_proto::Tensor {
        elem_type: kind as i32,
        shape: (!dim.is_empty()).then_some(TensorShapeProto { dim }),
    };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            denotation: String::new(),
            value: Some(type_proto::Value::TensorType(tensor)),
        }),
        doc_string: String::new(),
    }
}

/// What is brighter than a middle grey stands before the background, which is darker. Its input means
/// what that of U²-Net does.
pub(crate) fn background(height: i64, width: i64) -> Vec<u8> {
    let (mean, std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    let weights: Vec<f32> = std.iter().map(|std| STEEP * std / 3.0).collect();
    let bias = STEEP * (mean.iter().sum::<f32>() / 3.0 - 0.5);
    Made::of(&[1, 3, height, width])
        .numbers("weights", &[1, 3, 1, 1], &weights)
        .numbers("bias", &[1], &[bias])
        .node("Conv", &["picture", "weights", "bias"], "light", &[])
        .node("Sigmoid", &["light"], "mask", &[])
        .output("mask")
        .bytes()
}

/// Sides of the squares that the detector looks at.
pub(crate) const CELL: i64 = 40;

/// A square of pure red is a face. Its input, of 320 x 240 pixels, means what that of RFB-320 does.
pub(crate) fn faces() -> Vec<u8> {
    let std = 128.0 / 255.0;
    // How red a place is: above 0 for red alone.
    let red: [f32; 3] = [std, -std / 2.0, -std / 2.0].map(|weight| STEEP * weight);
    let not_red = red.map(|weight| -weight);
    let weights: Vec<f32> = not_red.into_iter().chain(red).collect();
    let bias = STEEP * 0.8;
    let (columns, rows) = (320 / CELL, 240 / CELL);
    let count = columns * rows;
    let cells = (0..count).flat_map(|cell| {
        let (column, row) = ((cell % columns) as f32, (cell / columns) as f32);
        let (width, height) = (1.0 / columns as f32, 1.0 / rows as f32);
        let (left, top) = (column * width, row * height);
        [left, top, left + width, top + height]
    });
    let cells: Vec<f32> = cells.collect();
    Made::of(&[1, 3, 240, 320])
        .numbers("weights", &[2, 3, 1, 1], &weights)
        .numbers("bias", &[2], &[bias, -bias])
        .numbers("cells", &[1, count, 4], &cells)
        .sides("rows", &[1, 2, count])
        .node("Conv", &["picture", "weights", "bias"], "red", &[])
        .node(
            "AveragePool",
            &["red"],
            "means",
            &[("kernel_shape", &[CELL, CELL]), ("strides", &[CELL, CELL])],
        )
        .node("Sigmoid", &["means"], "shares", &[])
        .node("Reshape", &["shares", "rows"], "listed", &[])
        .node("Transpose", &["listed"], "scores", &[("perm", &[0, 2, 1])])
        .node("Identity", &["cells"], "boxes", &[])
        .output("scores")
        .output("boxes")
        .bytes()
}
