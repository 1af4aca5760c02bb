"""What an exported model computes, as nodes of an ONNX graph, a step a file."""
