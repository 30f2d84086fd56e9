package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.adapters.CertifiedMerge;
import dev.jlora.engine.adapters.MergeCertificate;
import dev.jlora.engine.adapters.MergedModel;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The record of a merge: it holds for correct merges, and shows or rejects others. */
class MergeCertificateTest {
  @TempDir Path folder;
  private final Plugins plugins = Plugins.load();

  @Test
  void a_merged_run_has_its_certificate_in_java_in_the_folder_and_on_the_command_line() {
    Run run = new Engine(plugins).train(new TinyJob(folder).job("run", t -> t.maxSteps(6)));
    MergedModel merged = Jlora.merge(run.adapter(), folder.resolve("merged"));
    MergeCertificate certificate = merged.certificate();
    assertThat(certificate.dtype()).isEqualTo("float32");
    assertThat(certificate.modules()).isEqualTo(4);
    assertThat(certificate.replaced()).contains("classifier.weight", "classifier.bias");
    assertThat(certificate.tied()).isEmpty();
    assertThat(certificate.probe().withinBound()).isTrue();
    assertThat(certificate.probe().largestDifference()).isLessThan(1e-5);
    assertThat(certificate.probe().adapterEffect()).isGreaterThan(10 * certificate.probe().bound());
    assertThat(certificate.probe().outputs()).containsExactly("logits");
    assertThat(Json.readObject(folder.resolve("merged/" + MergeCertificate.FILE)))
        .isEqualTo(Json.mapper().valueToTree(certificate));

    String said =
        TypedLine.jlora(
                "merge",
                run.adapter().toString(),
                folder.resolve("typed").toString(),
                "--device",
                "cpu")
            .said();
    assertThat(said)
        .contains("merged 4 modules in float32")
        .contains("parameters trained in full")
        .contains("largest difference of logits on 4 random inputs")
        .contains("within the rounding bound")
        .contains("merged model in ");
    String json =
        TypedLine.jlora(
                "merge",
                run.adapter().toString(),
                folder.resolve("typed").toString(),
                "--device",
                "cpu",
                "--overwrite",
                "--json")
            .said();
    assertThat(Json.parse(json, "stdout").get("probe").get("within_bound").asBoolean()).isTrue();
  }

  @Test
  void the_bound_holds_for_random_models_and_adapters_in_each_precision() {
    for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
      for (int seed = 1; seed <= 4; seed++) {
        for (LoraSpec.Builder spec :
            List.of(
                lora(4).allLinear(),
                lora(2).targets("query"),
                lora(8).alpha(200).targets("value", "output.dense"))) {
          try (LoadedModel model = bert(precision, seed)) {
            adapt(model, spec.build(), seed);
            MergeCertificate certificate = merge(model);
            assertThat(certificate.probe().withinBound())
                .as("%s %d %s: %s", precision, seed, spec, certificate.text())
                .isTrue();
          }
        }
      }
    }
  }

  @Test
  void a_merge_with_a_wrong_scale_is_above_the_bound() {
    try (LoadedModel model = bert(Precision.FP32, 1)) {
      Adapter right = adapter(model, lora(4).allLinear().build(), 1);
      model.network().adapt(new Wrong(right, 1.01));
      MergeCertificate certificate = merge(model);
      assertThat(certificate.probe().withinBound()).isFalse();
      assertThat(certificate.text()).contains("ABOVE the rounding bound");
    }
  }

  @Test
  void a_merge_that_is_not_finite_is_rejected_and_undone() {
    try (LoadedModel model = bert(Precision.FP32, 1)) {
      Adapter right = adapter(model, lora(4).targets("query").build(), 1);
      model.network().adapt(new Wrong(right, Double.POSITIVE_INFINITY));
      Parameter query =
          model.network().parameter("bert.encoder.layer.0.attention.self.query.weight");
      float[] before = query.value().toFloats();
      assertThatThrownBy(() -> merge(model))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("merged model whose weight 'bert.encoder.layer.0.attention.self")
          .hasMessageContaining("wider precision");
      assertThat(query.value().toFloats()).containsExactly(before);
    }
  }

  @Test
  void tied_weights_that_a_merge_changes_are_listed() {
    ModelFolder gpt = ModelFolder.open(TinyGpt.folder(folder.resolve("gpt")));
    try (LoadedModel model =
        new ModelLoader(plugins)
            .load(gpt, gpt.config(), "GPT2LMHeadModel", false, Precision.FP32, 0, Device.CPU)) {
      adapt(model, lora(2).targets("c_attn").modulesToSave("wte").build(), 1);
      MergeCertificate certificate =
          CertifiedMerge.of(model, plugins.tasks().get("causal-lm"), folder);
      assertThat(certificate.tied()).containsExactly("lm_head.weight (transformer.wte.weight)");
      assertThat(certificate.text()).contains("changed tied weights: lm_head.weight");
    }
  }

  @Test
  void a_certificate_of_another_merge_is_not_replaced_unasked() throws Exception {
    Run run = new Engine(plugins).train(new TinyJob(folder).job("run", t -> t.maxSteps(1)));
    Path target = Files.createDirectories(folder.resolve("notes"));
    Files.writeString(target.resolve(MergeCertificate.FILE), "{}");
    assertThatThrownBy(() -> Jlora.merge(run.adapter(), target))
        .hasMessageContaining("holds merge_certificate.json, which would be replaced");
  }

  /** Computes as an adapter, and merges with a multiple of its scale. */
  private record Wrong(Adapter adapter, double factor) implements Adapter {
    private record Layer(AdapterLayer layer, double factor) implements AdapterLayer {
      @Override
      public Tensor forward(Base base, Tensor x, ForwardContext context) {
        return layer.forward(base, x, context);
      }

      @Override
      public Tensor merged(Tensor weight) {
        return layer.weighted(factor).merged(weight);
      }

      @Override
      public List<Parameter> parameters() {
        return layer.parameters();
      }
    }

    @Override
    public Map<String, AdapterLayer> layers() {
      Map<String, AdapterLayer> layers = new LinkedHashMap<>();
      adapter.layers().forEach((path, layer) -> layers.put(path, new Layer(layer, factor)));
      return layers;
    }

    @Override
    public Map<String, Parameter> overrides() {
      return adapter.overrides();
    }

    @Override
    public void save(Path folder) {
      adapter.save(folder);
    }

    @Override
    public void restore(Path folder) {
      adapter.restore(folder);
    }

    @Override
    public void close() {
      adapter.close();
    }
  }

  private MergeCertificate merge(LoadedModel model) {
    return CertifiedMerge.of(model, plugins.tasks().get("sequence-classification"), folder);
  }

  private LoadedModel bert(Precision precision, long seed) {
    ModelFolder base = ModelFolder.open(TinyBert.folder(folder.resolve("base"), 0));
    return new ModelLoader(plugins)
        .load(
            base,
            base.config(),
            "BertForSequenceClassification",
            /* freshHead= */ true,
            precision,
            seed,
            Device.CPU);
  }

  private static LoraSpec.Builder lora(int rank) {
    return LoraSpec.builder().rank(rank).alpha(16).init(LoraInit.RANDOM);
  }

  private void adapt(LoadedModel model, LoraSpec spec, long seed) {
    model.network().adapt(adapter(model, spec, seed));
  }

  private Adapter adapter(LoadedModel model, LoraSpec spec, long seed) {
    Network network = model.network();
    return plugins
        .adapters()
        .get("lora")
        .planOf(network.plan(), spec, new AdapterContext("", List.of(), seed, ""))
        .create(network);
  }
}
