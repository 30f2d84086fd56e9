package dev.jlora.tasks.metrics;

import dev.jlora.spi.Judgements;
import dev.jlora.spi.Metric;

/** e to the mean loss: how many words a language model hesitates between. */
record Perplexity() implements Metric {

  @Override
  public String name() {
    return "perplexity";
  }

  @Override
  public boolean largerIsBetter() {
    return false;
  }

  @Override
  public boolean fits(Judgements judgements) {
    return judgements instanceof Judgements.Classes;
  }

  @Override
  public double value(Judgements judgements, double loss) {
    return Math.exp(loss);
  }
}
