package dev.jlora.engine.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where an adapter goes that names no targets. */
class DefaultTargetsTest {
  @Test
  void a_methods_own_targets_come_before_those_of_the_family() {
    List<String> family = List.of("q_proj", "v_proj");
    assertThat(JobParts.defaultTargets(new Outputs(), "llama", family)).containsExactly("o_proj");
    assertThat(JobParts.defaultTargets(new Outputs(), "mistral", family)).isEqualTo(family);
  }

  /** A method with targets of its own on one family. */
  private static final class Outputs implements AdapterMethod<LoraSpec> {
    @Override
    public String name() {
      return "outputs";
    }

    @Override
    public Class<LoraSpec> specType() {
      return LoraSpec.class;
    }

    @Override
    public List<String> defaultTargets(String modelType) {
      return modelType.equals("llama") ? List.of("o_proj") : List.of();
    }

    @Override
    public AdapterPlan plan(ModelPlan model, LoraSpec spec, AdapterContext context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public AdapterPlan saved(ModelPlan model, Path folder) {
      throw new UnsupportedOperationException();
    }
  }
}
