package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.inject.Binder;
import dev.jlora.adapters.AdaptersPlugin;
import dev.jlora.adapters.LoraMethod;
import dev.jlora.bert.BertPlugin;
import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.datasets.DatasetsPlugin;
import dev.jlora.engine.Engine;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.host.PluginException;
import dev.jlora.host.PluginFolder;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.ops.InPlace;
import dev.jlora.optimizers.OptimizersPlugin;
import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.Problems;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.Spec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.Callback;
import dev.jlora.spi.CallbackFactory;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.DatasetFormat;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.spi.Schedule;
import dev.jlora.spi.ScheduleFactory;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import dev.jlora.tasks.TasksPlugin;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contributions that a plugin brings for a job, with parameters of their own, in jobs that run. */
class PluginPartsTest {
  /** What the callback of the plugin saw, in its order. */
  private static final List<String> SEEN = new ArrayList<>();

  @TempDir Path folder;
  private final Plugins plugins = plugins(new HousePlugin());
  private final Engine engine = new Engine(plugins);

  private static Plugins plugins(JloraPlugin... more) {
    List<JloraPlugin> all =
        new ArrayList<>(
            List.of(
                new BertPlugin(),
                new AdaptersPlugin(),
                new OptimizersPlugin(),
                new TasksPlugin(),
                new DatasetsPlugin()));
    all.addAll(List.of(more));
    return Plugins.of(all.toArray(JloraPlugin[]::new));
  }

  /** An optimizer, a schedule and a callback with parameters. */
  static final class HousePlugin implements JloraPlugin {
    @Override
    public void configure(Binder binder) {
      Contributions.of(binder)
          .optimizer(new Scaled())
          .schedule(new Stairs())
          .add(CallbackFactory.class, "diary", new Diary());
    }
  }

  record ScaledParameters(double scale) implements Spec {
    ScaledParameters {
      Problems.in("optimizer")
          .unless(scale > 0, "scale: got %s, expected above 0", scale)
          .throwIfAny();
    }

    static ScaledParameters defaults() {
      return new ScaledParameters(1);
    }
  }

  /** Gradient descent at {@code scale} times the rate; it implements no more than it must. */
  static final class Scaled implements OptimizerFactory {
    @Override
    public String name() {
      return "scaled";
    }

    @Override
    public Class<? extends Spec> parametersType() {
      return ScaledParameters.class;
    }

    @Override
    public long stateBytesPerParameter(OptimizerSpec spec) {
      return 0;
    }

    @Override
    public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
      double scale = spec.parametersAs(ScaledParameters.class).scale();
      return new Optimizer() {
        @Override
        public void step(List<@Nullable Tensor> gradients, double learningRate) {
          for (int i = 0; i < gradients.size(); i++) {
            if (gradients.get(i) != null) {
              InPlace.add(
                  parameters.get(i).parameter().value(), gradients.get(i), -scale * learningRate);
            }
          }
        }

        @Override
        public Map<String, Tensor> state() {
          return Map.of();
        }

        @Override
        public void restore(Map<String, Tensor> state) {}

        @Override
        public void close() {}
      };
    }
  }

  record StairsParameters(double decayRatio, int every) implements Spec {
    static StairsParameters defaults() {
      return new StairsParameters(0.1, 30);
    }
  }

  /** The rate times {@code decay_ratio} after every so many steps. */
  static final class Stairs implements ScheduleFactory {
    @Override
    public String name() {
      return "stairs";
    }

    @Override
    public Class<? extends Spec> parametersType() {
      return StairsParameters.class;
    }

    @Override
    public Schedule create(long warmupSteps, long totalSteps) {
      return create(ScheduleSpec.of(name()), totalSteps);
    }

    @Override
    public Schedule create(ScheduleSpec spec, long totalSteps) {
      StairsParameters own = spec.parametersAs(StairsParameters.class);
      return step -> Math.pow(own.decayRatio(), step / own.every());
    }
  }

  record DiaryParameters(String prefix, int every) implements Spec {
    static DiaryParameters defaults() {
      return new DiaryParameters("", 1);
    }
  }

  /** Writes down steps. */
  static final class Diary implements CallbackFactory {
    @Override
    public Class<? extends Spec> parametersType() {
      return DiaryParameters.class;
    }

    @Override
    public Callback create(CallbackSpec spec, JobSpec job) {
      DiaryParameters own = spec.parametersAs(DiaryParameters.class);
      return new Entries(own);
    }
  }

  record Entries(DiaryParameters own) implements Callback, AutoCloseable {
    @Override
    public void onStep(TrainerState state, Step step) {
      if (state.globalStep() % own.every() == 0) {
        SEEN.add(own.prefix() + state.globalStep());
      }
    }

    @Override
    public void close() {
      SEEN.add("closed");
    }
  }

  @BeforeEach
  void forget() {
    SEEN.clear();
  }

  private JobSpec job(String output) {
    return new TinyJob(folder)
        .job(output, t -> t.maxSteps(4).loggingSteps(1).accumulate(1).maxGradNorm(0).device("cpu"));
  }

  /** At twice the scale and half the rate a step is that of plain SGD. */
  @Test
  void an_optimizer_takes_its_own_parameters_from_json() throws Exception {
    JobSpec sgd =
        job("sgd")
            .withOptimizer(OptimizerSpec.of("sgd", 0.5))
            .withSchedule(ScheduleSpec.of("constant"));
    engine.train(sgd);
    String json =
        Json.pretty(
            Json.object(job("scaled").withSchedule(ScheduleSpec.of("constant")).json(), "the job"));
    JobSpec scaled =
        JobSpec.parse(
            json.replace("\"name\" : \"adamw\"", "\"name\" : \"scaled\", \"scale\" : 2")
                .replace("\"learning_rate\" : 0.005", "\"learning_rate\" : 0.25"),
            plugins.specTypes());
    assertThat(scaled.optimizer().parameters()).isEqualTo(Map.of("scale", 2L));
    engine.train(scaled);

    try (var _ = Scope.open();
        SafetensorsFile one =
            SafetensorsFile.open(folder.resolve("sgd/adapter_model.safetensors"));
        SafetensorsFile two =
            SafetensorsFile.open(folder.resolve("scaled/adapter_model.safetensors"))) {
      assertThat(one.entries().keySet()).isNotEmpty().isEqualTo(two.entries().keySet());
      for (String name : one.entries().keySet()) {
        assertThat(two.tensor(name).toFloats()).isEqualTo(one.tensor(name).toFloats());
      }
    }
    assertThat(engine.job(folder.resolve("scaled")).optimizer()).isEqualTo(scaled.optimizer());
  }

  @Test
  void memory_is_counted_for_an_optimizer_that_implements_no_more_than_it_must() {
    JobSpec base = job("out");
    JobSpec job =
        base.withData(base.data().toBuilder().maxLength(16).padding(Padding.MAX_LENGTH).build())
            .withOptimizer(OptimizerSpec.of("scaled", 0.1));
    Plan.Memory memory = engine.forecast(job).memory();
    assertThat(memory.counted()).isTrue();
    assertThat(memory.optimizer()).isZero();
  }

  /** 0.01 for two steps, then a half of it: 0.01 * 0.5^(step / 2). */
  @Test
  void a_schedule_takes_its_own_parameters_from_java() {
    JobSpec job =
        job("out")
            .withOptimizer(OptimizerSpec.of("scaled", 0.01))
            .withSchedule(
                ScheduleSpec.of("stairs").withParameters(Map.of("decay_ratio", 0.5, "every", 2)));
    List<Double> rates =
        engine.train(job).state().logHistory().stream()
            .map(entry -> entry.get("learning_rate"))
            .toList();
    assertThat(rates).hasSize(4);
    assertThat(rates.get(1)).isCloseTo(0.01, within(1e-12));
    assertThat(rates.get(2)).isCloseTo(0.005, within(1e-12));
  }

  @Test
  void callbacks_of_a_job_look_on_with_their_parameters_and_are_closed() {
    JobSpec job =
        job("out")
            .withCallbacks(
                List.of(CallbackSpec.of("diary").withParameters(new DiaryParameters("step ", 2))));
    engine.train(job);
    assertThat(SEEN).containsExactly("step 2", "step 4", "closed");
    assertThat(engine.job(folder.resolve("out")).callbacks()).isEqualTo(job.callbacks());
  }

  @Test
  void a_plan_refuses_parameters_that_a_part_does_not_have() {
    JobSpec job = job("out");
    assertThatThrownBy(
            () ->
                engine.plan(
                    job.withOptimizer(
                        OptimizerSpec.of("scaled", 1).withParameters(Map.of("scal", 2)))))
        .isInstanceOf(SpecException.class)
        .hasMessageStartingWith("optimizer.scal: unknown key")
        .hasMessageContaining("scale");
    assertThatThrownBy(
            () ->
                engine.plan(
                    job.withOptimizer(
                        OptimizerSpec.of("scaled", 1).withParameters(Map.of("scale", -1)))))
        .hasMessage("optimizer.scale: got -1.0, expected above 0");
    assertThatThrownBy(
            () ->
                engine.plan(
                    job.withSchedule(ScheduleSpec.of("linear").withParameters(Map.of("every", 2)))))
        .hasMessage("schedule.every: got it for 'linear', which has no parameters of its own");
    assertThatThrownBy(() -> engine.plan(job.withCallbacks(List.of(CallbackSpec.of("letters")))))
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "callback: got 'letters', expected one of 'diary'; if a plugin provides 'letters', its"
                + " jar is neither on the class path nor in "
                + PluginFolder.path());
  }

  @Test
  void names_that_only_an_absent_plugin_knew_are_told_so() {
    String json = job("out").json();
    String where =
        "; if a plugin provides '%s', its jar is neither on the class path nor in "
            + PluginFolder.path();
    assertThatThrownBy(
            () -> JobSpec.parse(json.replace("\"lora\"", "\"poly\""), plugins.specTypes()))
        .hasMessageStartingWith("adapter.method: got 'poly', expected one of ")
        .hasMessageEndingWith(where.formatted("poly"));
    assertThatThrownBy(
            () -> JobSpec.parse(json.replace("\"adamw\"", "\"sophia\""), plugins.specTypes()))
        .hasMessageStartingWith("optimizer.name: got 'sophia', expected one of ")
        .hasMessageEndingWith(where.formatted("sophia"));
    assertThatThrownBy(() -> engine.plan(job("out").withTask(TaskSpec.of("image-captioning"))))
        .hasMessageEndingWith(where.formatted("image-captioning"));
    Path config = folder.resolve("base/config.json");
    Json.write(config, Json.readObject(config).put("model_type", "mamba"));
    assertThatThrownBy(() -> engine.plan(job("out")))
        .hasMessageContaining("got 'mamba', expected one of ")
        .hasMessageContaining(where.formatted("mamba"));
  }

  /** Another method for files of LoRA's type. */
  private static final class OtherLora implements AdapterMethod<LoraSpec>, JloraPlugin {
    private final LoraMethod lora = new LoraMethod();
    private final boolean readsAll;

    OtherLora(boolean readsAll) {
      this.readsAll = readsAll;
    }

    @Override
    public void configure(Binder binder) {
      Contributions.of(binder).adapter(this);
    }

    @Override
    public String name() {
      return "a-lora";
    }

    @Override
    public String peftType() {
      return "LORA";
    }

    @Override
    public boolean reads(JsonNode config) {
      return AdapterMethod.super.reads(config)
          && (readsAll || config.path("use_qalora").asBoolean());
    }

    @Override
    public Class<LoraSpec> specType() {
      return lora.specType();
    }

    @Override
    public AdapterPlan plan(ModelPlan model, LoraSpec spec, AdapterContext context) {
      return lora.plan(model, spec, context);
    }

    @Override
    public AdapterPlan saved(ModelPlan model, Path folder) {
      throw new UnsupportedOperationException("read by a-lora");
    }
  }

  @Test
  void an_adapter_is_loaded_by_the_method_that_reads_its_file() {
    engine.train(job("out"));
    Path out = folder.resolve("out");
    JobSpec job = engine.job(out);
    Engine beside = new Engine(plugins(new OtherLora(false)));
    assertThat(beside.evaluate(job, out).rows()).isEqualTo(24); // plain LoRA stays jlora's own

    Path config = out.resolve("adapter_config.json");
    Json.write(config, Json.readObject(config).put("use_qalora", true));
    assertThatThrownBy(() -> beside.evaluate(job, out)).hasMessage("read by a-lora");
    assertThatThrownBy(() -> engine.evaluate(job, out))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("use_qalora is true");
  }

  @Test
  void two_methods_that_read_one_file_are_an_error_with_both_names() {
    engine.train(job("out"));
    Path out = folder.resolve("out");
    Engine both = new Engine(plugins(new OtherLora(true)));
    assertThatThrownBy(() -> both.evaluate(engine.job(out), out))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("adapter_config.json: is read by more than one adapter method")
        .hasMessageContaining("'a-lora' (" + OtherLora.class.getName() + ")")
        .hasMessageContaining("'lora' (dev.jlora.adapters.LoraMethod)");
  }

  /** Claims every file of JSON lines. */
  private static final class MyLines implements DatasetFormat, JloraPlugin {
    @Override
    public void configure(Binder binder) {
      Contributions.of(binder).format(this);
    }

    @Override
    public String name() {
      return "a-lines";
    }

    @Override
    public boolean accepts(Path file) {
      return file.toString().endsWith(".jsonl");
    }

    @Override
    public Dataset read(Path file, ReadOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void two_formats_that_accept_one_file_are_an_error_until_the_job_names_one() {
    Engine both = new Engine(plugins(new MyLines()));
    JobSpec job = job("out");
    assertThatThrownBy(() -> both.plan(job))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is in more than one format by its name: ['a-lines', 'jsonl']")
        .hasMessageContaining("data.format");
    assertThat(both.plan(job.withData(job.data().toBuilder().format("jsonl").build())).trainable())
        .isPositive();
  }
}
