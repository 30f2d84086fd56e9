package dev.jlora.adapters.fourierft;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.PatternValues;
import dev.jlora.peft.TorchGenerator;
import java.util.List;

/** The targets of a spec, each with its number of coefficients. */
final class FourierFtTargets implements AdapterTargets {
  private final FourierFtSpec spec;
  private final PatternValues<Integer> frequencies;

  FourierFtTargets(FourierFtSpec spec) {
    this.spec = spec;
    this.frequencies = new PatternValues<>("n_frequency_pattern", spec.nFrequencyPattern());
  }

  @Override
  public List<PatternValues<?>> patterns() {
    return List.of(frequencies);
  }

  @Override
  public AdapterTarget target(TargetModule module, List<String> names) {
    int count = frequencies.of(names, spec.nFrequency());
    long elements = module.in() * module.out();
    if (count > elements) {
      throw new ModelException(
          "n_frequency: got %,d, expected at most the %,d elements of %s"
              .formatted(count, elements, module.path()));
    }
    if (elements > TorchGenerator.MAX_PERMUTATION) {
      throw new ModelException(
          "%s: its weight has %,d elements, and FourierFT supports at most %,d"
              .formatted(module.path(), elements, TorchGenerator.MAX_PERMUTATION));
    }
    Locations locations = new Locations(module.out(), module.in(), count, spec.randomLocSeed());
    return new FourierFtTarget(module, locations, spec.scaling(), spec.initWeights());
  }
}
