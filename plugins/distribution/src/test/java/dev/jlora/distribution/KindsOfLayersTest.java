package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.adapters.AdapterCombiner;
import dev.jlora.engine.adapters.AdapterCombiner.Weighted;
import dev.jlora.engine.adapters.AdapterExtractor;
import dev.jlora.engine.jobs.FolderJob;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.steps.RandomBatches;
import dev.jlora.host.Plugins;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationType;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Combination and extraction on every kind of layer that LoRA attaches to. */
class KindsOfLayersTest {
  private static final Path VIT = Path.of("src/test/resources/goldens/vit-imgcls/base");
  private static final Path BERT = Path.of("src/test/resources/goldens/bert-seqcls/base");

  @TempDir Path folder;
  private final Plugins plugins = Plugins.load();

  @TestFactory
  Stream<DynamicTest> combined_and_extracted() {
    return Stream.of(
        DynamicTest.dynamicTest(
            "embedding",
            () -> check(BERT, new String[] {"word_embeddings", "query"}, "word_embeddings")),
        DynamicTest.dynamicTest(
            "convolution", () -> check(VIT, new String[] {"projection"}, "projection")),
        DynamicTest.dynamicTest(
            "transposed weight",
            () ->
                check(
                    TinyGpt.folder(folder.resolve("gpt")),
                    new String[] {"c_attn", "c_fc"},
                    "c_attn")));
  }

  private void check(Path base, String[] first, String... second) {
    long live = Tensor.live();
    ResolvedJob work =
        ResolvedJob.withoutRows(plugins, new FolderJob(plugins).of(base, null, true));
    try (LoadedModel model = work.load();
        LoadedModel tuned = work.load();
        var _ = Scope.open()) {
      Network network = model.network();
      save(network, "a", 2, first);
      save(network, "b", 3, second);
      RandomBatches batches =
          new RandomBatches(model.config(), network.architecture(), work.task(), 2, 7, 1);
      Map<String, Tensor> batch = batches.next();
      AdapterLoader.attach(plugins, "a", folder.resolve("a"), model);
      AdapterLoader.attach(plugins, "b", folder.resolve("b"), model);
      Map<String, Double> weights = new LinkedHashMap<>();
      weights.put("a", 0.5);
      weights.put("b", -0.25);
      double[] together = logits(network, batch, AdapterSelection.of(weights));
      assertThat(together).isNotEqualTo(logits(network, batch, AdapterSelection.none()));
      for (CombinationSpec spec :
          List.of(
              CombinationSpec.of(CombinationType.CAT),
              CombinationSpec.defaults().withSvdRank(64),
              CombinationSpec.of(CombinationType.MAGNITUDE_PRUNE_SVD)
                  .withDensity(1.0)
                  .withSvdRank(64))) {
        String name = spec.combinationType().text();
        network.attach(
            name,
            new AdapterCombiner(plugins)
                .combine(
                    network,
                    List.of(
                        new Weighted(folder.resolve("a"), 0.5),
                        new Weighted(folder.resolve("b"), -0.25)),
                    spec)
                .adapter());
        assertThat(logits(network, batch, AdapterSelection.of(name)))
            .as(name)
            .containsExactly(together, within(2e-5));
      }

      AdapterLoader.load(plugins, folder.resolve("a"), tuned);
      tuned.network().merge();
      AdapterExtractor.Extracted extracted =
          new AdapterExtractor(plugins)
              .extract(
                  work,
                  model,
                  tuned.network(),
                  LoraSpec.builder().rank(2).targets(first).build(),
                  null,
                  "");
      network.attach("extracted", extracted.adapter());
      assertThat(extracted.lost()).isEmpty();
      assertThat(extracted.modules())
          .isNotEmpty()
          .allSatisfy(it -> assertThat(it.error()).isLessThan(1e-4));
      assertThat(logits(network, batch, AdapterSelection.of("extracted")))
          .containsExactly(logits(network, batch, AdapterSelection.of("a")), within(2e-5));
    }
    assertThat(Tensor.live()).isEqualTo(live);
  }

  private void save(Network network, String name, int rank, String... targets) {
    LoraSpec spec =
        LoraSpec.builder().rank(rank).alpha(4).init(LoraInit.RANDOM).targets(targets).build();
    try (Adapter adapter =
        plugins
            .adapters()
            .get("lora")
            .planOf(network.plan(), spec, new AdapterContext("", List.of(), name.hashCode(), ""))
            .create(network)) {
      adapter.save(folder.resolve(name));
    }
  }

  private static double[] logits(
      Network network, Map<String, Tensor> batch, AdapterSelection selection) {
    return network
        .forward(batch, ForwardContext.inference().withAdapters(selection))
        .logits()
        .toDoubles();
  }
}
