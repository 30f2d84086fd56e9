package dev.jlora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.Bias;
import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.CordaSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.EvaSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.LabelLists;
import dev.jlora.spec.LayerRange;
import dev.jlora.spec.LoftqSpec;
import dev.jlora.spec.LoraGaSpec;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.Precision;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.Slice;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.Targets;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TokenIndices;
import dev.jlora.spec.TrainingSpec;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Calls of a builder's methods give the same spec in any order. The methods are found by
 * reflection, so that a new one is checked, too; one whose parameter has no sample here fails the
 * test.
 */
class CallOrderTest {
  private static final List<Object> FRESH =
      List.of(
          LoraSpec.builder(),
          DataSpec.builder().train("rows"),
          TrainingSpec.builder(),
          new TrainingBuilder(),
          new Finetune("model")
              .task(TaskSpec.of("masked-lm"))
              .data(DataSpec.builder().train("rows")));

  /** Methods that set what another method sets: the later of the two counts. */
  private static final Map<String, String> SAME =
      Map.of(
          "targetsMatching", "targets",
          "allLinear", "targets",
          "layersIn", "layers",
          "noShuffle", "shuffle",
          "bf16", "precision");

  /** Samples by the type of a parameter, each different from the default of every setting. */
  private static final Map<Type, Object> BY_TYPE =
      Map.ofEntries(
          Map.entry(int.class, 7),
          Map.entry(long.class, 7L),
          Map.entry(double.class, 0.25),
          Map.entry(boolean.class, true),
          Map.entry(String.class, "x"),
          Map.entry(Path.class, Path.of("y")),
          Map.entry(String[].class, new String[] {"z"}),
          Map.entry(Integer[].class, new Integer[] {1}),
          Map.entry(Bias.class, Bias.ALL),
          Map.entry(LoraInit.class, LoraInit.GAUSSIAN),
          Map.entry(TokenIndices.class, new TokenIndices.OfInput(List.of(4))),
          Map.entry(LayerRange[].class, new LayerRange[] {new LayerRange(0, 2)}),
          Map.entry(Targets.class, Targets.regex("r.*")),
          Map.entry(Interval.class, Interval.steps(7)),
          Map.entry(Padding.class, Padding.MAX_LENGTH),
          Map.entry(Precision.class, Precision.FP16),
          Map.entry(LabelLists.class, LabelLists.values()[0]),
          Map.entry(ImagesSpec.class, ImagesSpec.defaults().withFlip()),
          Map.entry(ColumnsSpec.class, new ColumnsSpec("t", "p", "l", null)),
          Map.entry(OptimizerSpec.class, OptimizerSpec.of("sgd", 0.5).withMomentum(0.75)),
          Map.entry(ScheduleSpec.class, ScheduleSpec.of("cosine").withWarmupSteps(3)),
          Map.entry(TaskSpec.class, TaskSpec.of("regression")),
          Map.entry(Slice[].class, new Slice[] {Slice.Q, Slice.V}),
          Map.entry(LoftqSpec.class, new LoftqSpec(8, 2)),
          Map.entry(EvaSpec.class, EvaSpec.defaults()),
          Map.entry(CordaSpec.class, CordaSpec.defaults()),
          Map.entry(LoraGaSpec.class, LoraGaSpec.defaults()),
          Map.entry(AdapterSpec.class, LoraSpec.builder().rank(3).build()),
          Map.entry(LoraSpec.Builder.class, LoraSpec.builder().rank(5)),
          Map.entry(DataSpec.class, DataSpec.builder().train("a").build()),
          Map.entry(DataSpec.Builder.class, DataSpec.builder().train("b")),
          Map.entry(CallbackSpec[].class, new CallbackSpec[] {CallbackSpec.of("c")}));

  /** Samples for parameters of which a type does not tell enough. */
  private static final Map<String, Object> BY_METHOD =
      Map.ofEntries(
          Map.entry("device", "cuda:1"),
          Map.entry("cudaGraphs", "auto"),
          Map.entry("delimiter", ";"),
          Map.entry("truncation", false),
          Map.entry("shuffle", false),
          Map.entry("packing", false),
          Map.entry("groupByLength", false),
          Map.entry("modulesToSave", List.of("s")),
          Map.entry("layersIn", List.of(2)),
          Map.entry("replicateLayers", List.of(new LayerRange(1, 3))),
          Map.entry("targetParameters", List.of("q.weight")),
          Map.entry("rankPattern", Map.of("p", 2)),
          Map.entry("slices", Map.of("p", List.of(Slice.K))),
          Map.entry("alphaPattern", Map.of("p", 2.0)),
          Map.entry("optimizer", Map.of("k", 1)),
          Map.entry("schedule", Map.of("k", 1)),
          Map.entry("train", (UnaryOperator<TrainingBuilder>) t -> t.batch(3).learningRate(0.125)));

  private record Call(String setting, Method method, Object[] arguments) {
    @Override
    public String toString() {
      return method.getName() + Arrays.deepToString(arguments);
    }

    Object on(Object builder) {
      try {
        return method.invoke(builder, arguments);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(this.toString(), e);
      }
    }
  }

  @Property(tries = 400)
  void the_order_of_calls_does_not_matter(
      @ForAll("builders") Object fresh,
      @ForAll("permutations") List<Integer> order,
      @ForAll("lengths") int length) {
    List<Call> all = calls(fresh);
    Set<String> settings = new HashSet<>();
    List<Call> chosen =
        order.stream()
            .filter(i -> i < all.size())
            .map(all::get)
            .filter(call -> settings.add(call.setting()))
            .limit(length)
            .toList();
    List<Call> sorted = new ArrayList<>(chosen);
    sorted.sort(Comparator.comparing(Call::toString));
    assertThat(result(fresh, chosen)).as("%s", chosen).isEqualTo(result(fresh, sorted));
  }

  @ParameterizedTest
  @MethodSource("fresh")
  void every_call_has_an_effect(Object fresh) {
    List<Call> all = calls(fresh);
    assertThat(all).hasSizeGreaterThan(9);
    for (Call call : all) {
      assertThat(result(fresh, List.of(call)))
          .as("%s", call)
          .isNotEqualTo(result(fresh, List.of()));
    }
  }

  /** The spec as JSON or, of an invalid one, the given values and the problems. */
  private static String result(Object fresh, List<Call> calls) {
    Object builder = fresh;
    for (Call call : calls) {
      builder = call.on(builder);
    }
    return builder instanceof TrainingBuilder training
        ? Stream.<Supplier<Object>>of(
                training::trainingSpec, training::optimizerSpec, training::scheduleSpec)
            .map(CallOrderTest::text)
            .collect(Collectors.joining("\n"))
        : builder.toString();
  }

  private static String text(Supplier<Object> spec) {
    try {
      return spec.get().toString();
    } catch (SpecException e) {
      return e.getMessage();
    }
  }

  private static List<Call> calls(Object fresh) {
    Class<?> type = fresh.getClass();
    return Arrays.stream(type.getMethods())
        .filter(method -> method.getReturnType() == type)
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .map(CallOrderTest::call)
        .sorted(Comparator.comparing(Call::toString))
        .toList();
  }

  private static Call call(Method method) {
    Class<?>[] types = method.getParameterTypes();
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      Object own = BY_METHOD.get(method.getName());
      boolean fits =
          own != null
              && (types[i].isInstance(own) || types[i] == boolean.class && own == Boolean.FALSE);
      arguments[i] = fits ? own : BY_TYPE.get(types[i]);
      assertThat(arguments[i]).as("a sample for %s", method).isNotNull();
    }
    return new Call(setting(method), method, arguments);
  }

  /** A method that adds or refines is a setting apart from its namesake that replaces. */
  private static String setting(Method method) {
    Class<?> first = method.getParameterCount() == 0 ? void.class : method.getParameterTypes()[0];
    boolean refined = first == OptimizerSpec.class || first == ScheduleSpec.class;
    boolean adds = method.getName().equals("modulesToSave") && first.isArray();
    String name = SAME.getOrDefault(method.getName(), method.getName());
    return refined || adds ? name + " of " + first.getSimpleName() : name;
  }

  static List<Object> fresh() {
    return FRESH;
  }

  @Provide
  Arbitrary<Object> builders() {
    return Arbitraries.of(FRESH);
  }

  @Provide
  Arbitrary<List<Integer>> permutations() {
    int most = FRESH.stream().mapToInt(fresh -> calls(fresh).size()).max().orElseThrow();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      numbers.add(i);
    }
    return Arbitraries.shuffle(numbers);
  }

  @Provide
  Arbitrary<Integer> lengths() {
    return Arbitraries.integers().between(2, 12);
  }
}
