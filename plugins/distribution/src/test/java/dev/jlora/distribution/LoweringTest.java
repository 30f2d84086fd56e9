package dev.jlora.distribution;

import static dev.jlora.distribution.TextGraph.TEXT;
import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.sequence;
import static dev.jlora.model.layers.Layers.tiedWithoutBias;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.Binder;
import dev.jlora.autograd.Functions;
import dev.jlora.bert.BertPlugin;
import dev.jlora.distribution.TextGraph.TextPlugin;
import dev.jlora.gpt.GptPlugin;
import dev.jlora.host.PluginException;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.layers.Repeat;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.ModelFamily;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Trees lowered to a small target, {@link TextGraph}, by what several plugins bind. */
class LoweringTest {
  private static final Plugins PLUGINS =
      Plugins.of(
          new BertPlugin(),
          new GptPlugin(),
          new TextPlugin(),
          new GatedPlugin(),
          LoweringTest::lowerAliases);

  /** A kind of another plugin: its body's result, times a weight. */
  private record Gated(Layer body, long width) implements Layer {
    @Override
    public List<Layer> parts() {
      return List.of(body);
    }

    @Override
    public List<ParameterSpec> parameters() {
      return List.of(ParameterSpec.weight("gate", List.of(width), Init.ONES));
    }

    @Override
    public Module build(Assembly assembly) {
      Module inner = assembly.build(body);
      Parameter gate = assembly.parameter("gate");
      return (x, pass) -> Functions.mul(pass.tape(), inner.forward(x, pass), pass.value(gate));
    }
  }

  /** A kind that is lowered as another one, which is not a part of it. */
  private record Alias(Layer meant) implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return assembly.build(meant);
    }
  }

  /** A kind that no plugin lowers. */
  private record Fog() implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return (x, _) -> x;
    }
  }

  /** Another one. */
  private record Maze(Layer body) implements Layer {
    @Override
    public List<Layer> parts() {
      return List.of(body);
    }

    @Override
    public Module build(Assembly assembly) {
      return assembly.build(body);
    }
  }

  private static final class GatedPlugin implements JloraPlugin {
    @Override
    public void configure(Binder binder) {
      Contributions.of(binder)
          .lowering(
              TEXT,
              Gated.class,
              (gated, input, context) ->
                  context
                      .graph()
                      .add(
                          "mul",
                          context.lower(gated.body(), input),
                          context.parameter("gate").name()));
    }
  }

  private static void lowerAliases(Binder binder) {
    Contributions.of(binder)
        .lowering(
            TEXT, Alias.class, (alias, input, context) -> context.lower(alias.meant(), input));
  }

  @Test
  void a_bert_and_its_head() {
    ModelPlan plan =
        model(
            "bert",
            "BertForSequenceClassification",
            Map.of("hidden_size", 8, "num_hidden_layers", 1, "num_attention_heads", 2));
    assertThat(text(lowered(plan), "bert.encoder.layer.0."))
        .isEqualTo(
            """
            v1 = rows(input_ids, bert.embeddings.word_embeddings.weight)
            v2 = rows(token_type_ids, bert.embeddings.token_type_embeddings.weight)
            v3 = positions(input_ids)
            v4 = rows(v3, bert.embeddings.position_embeddings.weight)
            v5 = sum(v1, v2, v4)
            v6 = norm(v5, bert.embeddings.LayerNorm.weight, bert.embeddings.LayerNorm.bias)
            v7 = linear(v6, attention.self.query.weight, attention.self.query.bias)
            v8 = linear(v6, attention.self.key.weight, attention.self.key.bias)
            v9 = linear(v6, attention.self.value.weight, attention.self.value.bias)
            v10 = attention(v7, v8, v9)
            v11 = linear(v10, attention.output.dense.weight, attention.output.dense.bias)
            v12 = sum(v6, v11)
            v13 = norm(v12, attention.output.LayerNorm.weight, attention.output.LayerNorm.bias)
            v14 = linear(v13, intermediate.dense.weight, intermediate.dense.bias)
            v15 = gelu(v14)
            v16 = linear(v15, output.dense.weight, output.dense.bias)
            v17 = sum(v13, v16)
            v18 = norm(v17, output.LayerNorm.weight, output.LayerNorm.bias)
            output last_hidden_state = v18
            v19 = first(v18)
            v20 = linear(v19, bert.pooler.dense.weight, bert.pooler.dense.bias)
            v21 = tanh(v20)
            output pooler_output = v21
            v22 = linear(v21, classifier.weight, classifier.bias)
            output logits = v22
            """);
  }

  @Test
  void a_gpt_whose_head_reads_the_weight_of_its_words() {
    ModelPlan plan =
        model("gpt2", "GPT2LMHeadModel", Map.of("n_embd", 8, "n_layer", 1, "n_head", 2));
    assertThat(text(lowered(plan), "transformer.h.0."))
        .isEqualTo(
            """
            v1 = rows(input_ids, transformer.wte.weight)
            v2 = positions(input_ids)
            v3 = rows(v2, transformer.wpe.weight)
            v4 = sum(v1, v3)
            v5 = norm(v4, ln_1.weight, ln_1.bias)
            v6 = linear(v5, attn.c_attn.weight, attn.c_attn.bias)
            v7 = attention(v6)
            v8 = linear(v7, attn.c_proj.weight, attn.c_proj.bias)
            v9 = sum(v4, v8)
            v10 = norm(v9, ln_2.weight, ln_2.bias)
            v11 = linear(v10, mlp.c_fc.weight, mlp.c_fc.bias)
            v12 = gelu_new(v11)
            v13 = linear(v12, mlp.c_proj.weight, mlp.c_proj.bias)
            v14 = sum(v9, v13)
            v15 = norm(v14, transformer.ln_f.weight, transformer.ln_f.bias)
            output last_hidden_state = v15
            v16 = linear(v15, transformer.wte.weight)
            output logits = v16
            """);
  }

  /**
   * The weights of a block's linears, each of which a token meets once: 12 blocks of 4 * 768^2 + 2
   * * 768 * 3072, and the head: 768^2 + 768 * 2, or 768 * 50257.
   */
  @Test
  void multiply_adds_of_a_token() {
    assertThat(lowered(preset("bert-base", "BertForSequenceClassification")).multiplyAdds())
        .isEqualTo(84_934_656L + 589_824 + 1_536);
    assertThat(lowered(preset("gpt2", "GPT2LMHeadModel")).multiplyAdds())
        .isEqualTo(84_934_656L + 38_597_376);
  }

  @Test
  void every_parameter_is_read() {
    for (ModelPlan plan :
        List.of(
            preset("bert-base", "BertForSequenceClassification"),
            preset("gpt2", "GPT2LMHeadModel"))) {
      String text = String.join("\n", lowered(plan).lines());
      assertThat(plan.parameters().keySet())
          .hasSizeGreaterThan(100)
          .allSatisfy(name -> assertThat(text).containsPattern("\\b" + name + "[,)]"));
    }
  }

  @Test
  void a_kind_of_another_plugin_is_lowered_by_that() {
    Layer gated = new Gated(named("inner", linear(4, 4)), 4);
    assertThat(lowered(plan(named("a", repeat(2, _ -> gated)))).lines())
        .containsExactly(
            "v1 = linear(x, a.0.inner.weight, a.0.inner.bias)",
            "v2 = mul(v1, a.0.gate)",
            "v3 = linear(v2, a.1.inner.weight, a.1.inner.bias)",
            "v4 = mul(v3, a.1.gate)");
  }

  @Test
  void kinds_that_nobody_lowers_are_refused_all_at_once_before_any_work() {
    TextGraph graph = new TextGraph();
    ModelPlan plan =
        plan(
            sequence(
                named("up", linear(4, 4)),
                named("blocks", repeat(3, _ -> new Maze(named("fog", new Fog())))),
                new Maze(linear(4, 4))));
    assertThatThrownBy(() -> PLUGINS.lowerings(TEXT).lower(plan, graph, "x"))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "Model cannot be lowered to text: there is no lowering of "
                + Maze.class.getName()
                + " (at blocks.0 and 3 more), "
                + Fog.class.getName()
                + " (at blocks.0.fog and 2 more). The plugin that provides a kind binds one:"
                + " Contributions.of(binder).lowering(target, Kind.class, (layer, input, context)"
                + " -> ...)");
    assertThat(graph.lines()).isEmpty();
    assertThatThrownBy(() -> PLUGINS.lowerings(TEXT).require(plan(new Fog())))
        .hasMessageContaining(Fog.class.getName() + " (at the root).");
  }

  @Test
  void a_lowering_may_hand_on_other_kinds() {
    assertThat(lowered(plan(new Alias(activation("gelu")))).lines())
        .containsExactly("v1 = gelu(x)");
    assertThatThrownBy(() -> lowered(plan(named("a", new Alias(new Fog())))))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("there is no lowering of " + Fog.class.getName() + " (at a)");
  }

  @Test
  void a_tied_weight_that_nobody_holds_is_named() {
    assertThatThrownBy(() -> lowered(plan(named("a", tiedWithoutBias("other", 4, 4)))))
        .isInstanceOf(ModelException.class)
        .hasMessage("a reads the parameter other, which no layer declares");
  }

  @Test
  void a_target_may_replace_the_default_of_a_kind() {
    JloraPlugin loops =
        binder ->
            Contributions.of(binder)
                .lowering(
                    TEXT,
                    Repeat.class,
                    (repeat, x, context) ->
                        context.graph().add("loop", x, "" + repeat.blocks().size()));
    TextGraph graph = new TextGraph();
    Plugins.of(new TextPlugin(), loops)
        .lowerings(TEXT)
        .lower(plan(repeat(3, _ -> linear(4, 4))), graph, "x");
    assertThat(graph.lines()).containsExactly("v1 = loop(x, 3)");
  }

  @Test
  void two_plugins_that_lower_one_kind_are_named() {
    JloraPlugin other =
        binder -> Contributions.of(binder).lowering(TEXT, Gated.class, (_, input, _) -> input);
    assertThatThrownBy(() -> Plugins.of(new GatedPlugin(), other))
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("lowering 'text/" + Gated.class.getName() + "' is claimed by two");
  }

  /** The graph's lines, with the names of one block's parameters cut short. */
  private static String text(TextGraph graph, String block) {
    return String.join("\n", graph.lines()).replace(block, "") + "\n";
  }

  private static TextGraph lowered(ModelPlan plan) {
    TextGraph graph = new TextGraph();
    PLUGINS.lowerings(TEXT).lower(plan, graph, plan.architecture().inputs().getFirst());
    return graph;
  }

  private static ModelPlan plan(Layer root) {
    return ModelPlan.of(Architecture.named("Model").inputs("x").root(root));
  }

  private static ModelPlan preset(String name, String architecture) {
    for (ModelFamily family : PLUGINS.families().all()) {
      ModelConfig config = family.presets().get(name);
      if (config != null) {
        return ModelPlan.of(family.declare(config, architecture));
      }
    }
    throw new IllegalArgumentException(name);
  }

  private static ModelPlan model(String family, String architecture, Map<String, ?> config) {
    return ModelPlan.of(
        PLUGINS
            .families()
            .get(family)
            .declare(
                ModelConfig.of("config.json", Json.mapper().valueToTree(config)), architecture));
  }
}
