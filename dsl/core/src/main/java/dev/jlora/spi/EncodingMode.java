package dev.jlora.spi;

/** The purpose for which rows are encoded. */
public enum EncodingMode {
  /** Training: with targets. */
  TRAIN,
  /**
   * Evaluation: with targets, and with the columns of the row to which predictions are compared.
   */
  EVALUATE,
  /** Prediction: without targets, and with the columns of the row that predictions quote. */
  PREDICT;

  /** Whether targets are encoded. */
  public boolean labelled() {
    return this != PREDICT;
  }
}
