package dev.jlora.spi;

/** The use that rows are encoded for. */
public enum EncodingMode {
  /** Training: with targets. */
  TRAIN,
  /** Evaluation: with targets, and with the columns of the row that predictions are compared to. */
  EVALUATE,
  /** Prediction: without targets, and with the columns of the row that an answer quotes. */
  PREDICT;

  /** Whether targets are encoded. */
  public boolean labelled() {
    return this != PREDICT;
  }
}
