package dev.jlora.optimizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.model.Parameter;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each optimizer against its formula, written out in double on the Java side. */
class OptimizersTest {
  private static final double RATE = 0.01;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.99;
  private static final double EPSILON = 1e-8;
  private static final double MOMENTUM = 0.8;
  private static final float[] START = {0.5f, -1.25f, 2f};
  private static final float[][] GRADIENTS = {
    {0.1f, -0.3f, 0f}, {-0.2f, 0.4f, 1f}, {3f, 0.1f, 0.2f}
  };

  private Scope scope;
  private Scope owner;

  @BeforeEach
  void open() {
    scope = Scope.open();
    owner = Scope.detached();
  }

  @AfterEach
  void close() {
    owner.close();
    scope.close();
  }

  @Test
  void adamw_shrinks_the_weight_and_then_follows_the_moments() {
    for (double decay : new double[] {0, 0.1}) {
      assertThat(trained(Optimizers.ADAMW, decay))
          .containsExactly(adam(decay, true), within(2e-6f));
    }
  }

  @Test
  void adam_adds_the_decay_to_the_gradient() {
    for (double decay : new double[] {0, 0.1}) {
      assertThat(trained(Optimizers.ADAM, decay))
          .containsExactly(adam(decay, false), within(2e-6f));
    }
  }

  @Test
  void sgd_follows_the_gradient_with_momentum() {
    float[] expected = new float[START.length];
    for (int i = 0; i < expected.length; i++) {
      double weight = START[i];
      double buffer = 0;
      for (float[] gradient : GRADIENTS) {
        buffer = MOMENTUM * buffer + gradient[i] + 0.1 * weight;
        weight -= RATE * buffer;
      }
      expected[i] = (float) weight;
    }
    assertThat(trained(Optimizers.SGD, 0.1)).containsExactly(expected, within(2e-6f));
  }

  @Test
  void a_parameter_without_a_gradient_stays_as_it_is() {
    Parameter parameter = parameter("a");
    try (Optimizer optimizer =
        optimizer(Optimizers.ADAMW, List.of(new ParameterGroup(parameter, 0.1)))) {
      optimizer.step(Arrays.asList((Tensor) null), RATE);
    }
    assertThat(parameter.value().toFloats()).containsExactly(START);
  }

  @Test
  void decay_may_differ_between_parameters() {
    Parameter decayed = parameter("a");
    Parameter exempt = parameter("b");
    var both = List.of(new ParameterGroup(decayed, 0.1), new ParameterGroup(exempt, 0));
    try (Optimizer optimizer = optimizer(Optimizers.ADAMW, both)) {
      for (float[] gradient : GRADIENTS) {
        optimizer.step(List.of(Tensor.of(gradient), Tensor.of(gradient)), RATE);
      }
    }
    assertThat(decayed.value().toFloats()).containsExactly(adam(0.1, true), within(2e-6f));
    assertThat(exempt.value().toFloats()).containsExactly(adam(0, true), within(2e-6f));
  }

  @Test
  void a_restored_state_goes_on_bit_for_bit() {
    for (OptimizerFactory kind :
        List.of(Optimizers.ADAMW, Optimizers.ADAMW_8BIT, Optimizers.ADAM, Optimizers.SGD)) {
      Parameter whole = parameter("a");
      Parameter split = parameter("a");
      try (Optimizer all = optimizer(kind, List.of(new ParameterGroup(whole, 0.1)));
          Optimizer first = optimizer(kind, List.of(new ParameterGroup(split, 0.1)));
          Optimizer second = optimizer(kind, List.of(new ParameterGroup(split, 0.1)))) {
        for (float[] gradient : GRADIENTS) {
          all.step(List.of(Tensor.of(gradient)), RATE);
        }
        first.step(List.of(Tensor.of(GRADIENTS[0])), RATE);
        second.restore(first.state());
        second.step(List.of(Tensor.of(GRADIENTS[1])), RATE);
        second.step(List.of(Tensor.of(GRADIENTS[2])), RATE);
      }
      assertThat(split.value().toFloats())
          .as(kind.name())
          .containsExactly(whole.value().toFloats());
    }
  }

  @Test
  void a_state_of_other_parameters_is_refused_by_name() {
    try (Optimizer optimizer =
        optimizer(Optimizers.ADAMW, List.of(new ParameterGroup(parameter("a"), 0)))) {
      Map<String, Tensor> other = new HashMap<>(optimizer.state());
      other.put("b.step", other.remove("a.step"));
      assertThatThrownBy(() -> optimizer.restore(other))
          .hasMessageContaining("a.step missing")
          .hasMessageContaining("b.step unexpected");
      other.remove("b.step");
      other.put("a.step", Tensor.of(new float[] {1, 2}));
      assertThatThrownBy(() -> optimizer.restore(other))
          .hasMessageContaining("a.step: got shape [2], expected [1]");
    }
  }

  private float[] trained(OptimizerFactory kind, double decay) {
    Parameter parameter = parameter("a");
    try (Optimizer optimizer = optimizer(kind, List.of(new ParameterGroup(parameter, decay)))) {
      for (float[] gradient : GRADIENTS) {
        optimizer.step(List.of(Tensor.of(gradient)), RATE);
      }
    }
    return parameter.value().toFloats();
  }

  private static Optimizer optimizer(OptimizerFactory kind, List<ParameterGroup> parameters) {
    return kind.create(
        parameters,
        new OptimizerSpec(kind.name(), RATE, 0, true, BETA1, BETA2, EPSILON, MOMENTUM, false));
  }

  private Parameter parameter(String name) {
    return Parameter.fresh(name, Tensor.of(START.clone()), owner);
  }

  private static float[] adam(double decay, boolean decoupled) {
    float[] expected = new float[START.length];
    for (int i = 0; i < expected.length; i++) {
      double weight = START[i];
      double average = 0;
      double square = 0;
      for (int step = 1; step <= GRADIENTS.length; step++) {
        double gradient = GRADIENTS[step - 1][i] + (decoupled ? 0 : decay * weight);
        weight -= decoupled ? RATE * decay * weight : 0;
        average = BETA1 * average + (1 - BETA1) * gradient;
        square = BETA2 * square + (1 - BETA2) * gradient * gradient;
        double corrected = average / (1 - Math.pow(BETA1, step));
        double deviation = Math.sqrt(square / (1 - Math.pow(BETA2, step))) + EPSILON;
        weight -= RATE * corrected / deviation;
      }
      expected[i] = (float) weight;
    }
    return expected;
  }
}
