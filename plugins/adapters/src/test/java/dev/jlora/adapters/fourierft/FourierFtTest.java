package dev.jlora.adapters.fourierft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.adapters.TinyEncoder;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.SpecException;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The number and the places of FourierFT's coefficients. */
class FourierFtTest {
  private static final FourierFtMethod FOURIER = new FourierFtMethod();

  @Test
  void a_pattern_gives_a_module_another_number_of_coefficients() {
    FourierFtSpec spec =
        FourierFtSpec.builder()
            .targets("query", "up")
            .frequencies(5)
            .frequenciesOf("layer.1.up", 9)
            .build();
    TargetedPlan<FourierFtSpec> plan = plan(spec);
    assertThat(plan.summary().trainable()).isEqualTo(5 + 5 + 5 + 9);
    assertThat(plan.written().json("n_frequency_pattern").path("layer.1.up").asInt()).isEqualTo(9);
  }

  /** As torch.randperm(32 * 32, generator=torch.Generator().manual_seed(777)) begins. */
  @Test
  void places_are_distinct_and_depend_on_the_seed() {
    try (var _ = Scope.open()) {
      long[] places = new Locations(32, 32, 1024, 777).indices(Device.CPU).toLongs();
      assertThat(places).doesNotHaveDuplicates().contains(0, 1023);
      long[] other = new Locations(32, 32, 1024, 778).indices(Device.CPU).toLongs();
      assertThat(other).isNotEqualTo(places);
    }
  }

  @Test
  void too_many_coefficients_are_refused_by_module() {
    assertThatThrownBy(() -> plan(FourierFtSpec.builder().targets("query").frequencies(65).build()))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "n_frequency: got 65, expected at most the 64 elements of tiny.layer.0.self.query");
    TargetModule vast =
        new TargetModule("vast", TargetModule.Kind.LINEAR, 1 << 15, 1 << 15, false, false);
    assertThatThrownBy(
            () -> FOURIER.targets(FourierFtSpec.defaults()).target(vast, List.of("vast")))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "vast: its weight has 1,073,741,824 elements, and FourierFT supports at most"
                + " 214,748,363");
  }

  @Test
  void settings_out_of_range_are_named() {
    assertThatThrownBy(
            () -> FourierFtSpec.builder().frequencies(0).scaling(0).frequenciesOf("q(", -1).build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("fourierft.n_frequency: got 0, expected 1 or more")
        .hasMessageContaining("fourierft.scaling: got 0.0, expected a number other than 0")
        .hasMessageContaining("n_frequency_pattern 'q(': expected a regular expression")
        .hasMessageContaining("n_frequency_pattern 'q(': got -1, expected 1 or more");
  }

  private static TargetedPlan<FourierFtSpec> plan(FourierFtSpec spec) {
    return FOURIER.plan(TinyEncoder.plan(), spec, new AdapterContext("", List.of(), 1, "tiny"));
  }
}
