package dev.jlora.spec;

/** The number type of frozen weights and activations; adapters are always trained in fp32. */
public enum Precision {
  FP32,
  BF16,
  /** Trained with a scaled loss, as PyTorch's GradScaler does. */
  FP16
}
