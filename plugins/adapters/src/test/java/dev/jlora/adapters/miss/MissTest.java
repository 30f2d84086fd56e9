package dev.jlora.adapters.miss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.adapters.TinyEncoder;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.SpecException;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms of MiSS's blocks. */
class MissTest {
  private static final MissMethod MISS = new MissMethod();

  @TempDir Path folder;

  @Test
  void each_form_has_a_shape_of_its_own() {
    assertThat(shape(MissInit.BALANCE)).containsExactly(4, 16);
    assertThat(shape(MissInit.RANDOM)).containsExactly(4, 16);
    assertThat(shape(MissInit.MINI)).containsExactly(4, 2);
    assertThat(shape(MissInit.BAT)).containsExactly(4, 4, 4);
  }

  @Test
  void blocks_that_do_not_fit_are_refused_by_module() {
    assertThatThrownBy(() -> plan(up().rank(3).init(MissInit.BAT).build()))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "rank: got 3 with init_weights bat, expected a divisor of the sizes of"
                + " tiny.layer.0.up: 8 and 16");
    assertThatThrownBy(() -> plan(up().miniR(3).init(MissInit.MINI).build()))
        .isInstanceOf(ModelException.class)
        .hasMessage("mini_r: got 3, expected a divisor of the 16 outputs of tiny.layer.0.up");
    assertThat(plan(up().rank(3).build()).summary().trainable()).isEqualTo(2 * 3 * 16);
  }

  @Test
  void settings_out_of_range_are_named() {
    assertThatThrownBy(() -> MissSpec.builder().rank(0).dropout(1).miniR(0).build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("miss.rank: got 0, expected 1 to 65536 (64 is a common choice)")
        .hasMessageContaining("miss.dropout: got 1.0, expected 0 or more and less than 1")
        .hasMessageContaining("miss.mini_r: got 0, expected 1 or more");
    assertThatThrownBy(() -> MissInit.of("flat"))
        .hasMessage("got flat, expected true, false, bat or mini");
  }

  @Test
  void an_unknown_form_in_a_file_is_refused() {
    try (Network network = TinyEncoder.network(DType.FLOAT32);
        Adapter adapter = plan(up().rank(2).init(MissInit.MINI).build()).create(network)) {
      adapter.save(folder);
    }
    Path file = folder.resolve(PeftConfig.FILE);
    ObjectNode json = Json.readObject(file);
    assertThat(json.path("init_weights").asText()).isEqualTo("mini");
    assertThat(MISS.read(folder).initWeights()).isEqualTo(MissInit.MINI);
    Json.write(file, json.put("init_weights", "flat"));
    assertThatThrownBy(() -> MISS.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(
            "init_weights is \"flat\", expected true, false, \"bat\" or \"mini\".");
  }

  private static MissSpec.Builder up() {
    return MissSpec.builder().targets("up");
  }

  private static long[] shape(MissInit init) {
    TargetedPlan<MissSpec> plan = plan(up().rank(4).miniR(2).init(init).build());
    return plan.targets().getFirst().parameters().getFirst().shape();
  }

  private static TargetedPlan<MissSpec> plan(MissSpec spec) {
    return MISS.plan(TinyEncoder.plan(), spec, new AdapterContext("", List.of(), 1, "tiny"));
  }
}
