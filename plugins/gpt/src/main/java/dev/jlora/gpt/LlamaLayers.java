package dev.jlora.gpt;

import static dev.jlora.model.layers.Layers.dropout;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.gatedFeedForward;
import static dev.jlora.model.layers.Layers.hiddenState;
import static dev.jlora.model.layers.Layers.lastToken;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.linearWithoutBias;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.outputProjection;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.rmsNorm;
import static dev.jlora.model.layers.Layers.rotaryAttention;
import static dev.jlora.model.layers.Layers.sequence;
import static dev.jlora.model.layers.Layers.tiedWithoutBias;

import dev.jlora.model.tree.Layer;

/**
 * The parts of a Llama-class decoder, with the names of its checkpoints: pre-norm with RMS norms
 * (arXiv:1910.07467), rotary positions (arXiv:2104.09864), grouped-query attention
 * (arXiv:2305.13245) and a gated feed-forward (arXiv:2002.05202). H is the width hidden_size.
 */
record LlamaLayers(LlamaConfig config) {
  static final String WORDS = "embed_tokens";

  /** Token ids [B, S] to [B, S, H], through embeddings, all blocks and the last norm. */
  Layer decoder() {
    return sequence(
        lookup(
            "input_ids",
            named(
                WORDS,
                embedding(
                    config.vocabulary(), config.width(), config.paddingRow(), config.init()))),
        named("layers", repeat(config.layers(), this::block)),
        named("norm", output("last_hidden_state", hiddenState(config.layers(), norm()))));
  }

  /** Attention and feed-forward, both pre-norm. */
  private Layer block(int layer) {
    return sequence(
        preNorm(named("input_layernorm", norm()), named("self_attn", attention(layer)), 0),
        preNorm(named("post_attention_layernorm", norm()), named("mlp", feedForward()), 0));
  }

  private Layer attention(int layer) {
    int h = config.width();
    int queries = config.heads() * config.headWidth();
    int keys = config.keyHeads() * config.headWidth();
    return sequence(
        rotaryAttention(
            named("q_proj", projection(h, queries, config.queryBias())),
            named("k_proj", projection(h, keys, config.queryBias())),
            named("v_proj", projection(h, keys, config.queryBias())),
            config.heads(),
            config.keyHeads(),
            config.rope().frequencies(),
            config.windows().get(layer),
            config.attentionDropout()),
        named("o_proj", projection(queries, h, config.outputBias())));
  }

  /** down(activation(gate(x)) * up(x)). */
  private Layer feedForward() {
    int h = config.width();
    int inner = config.inner();
    return gatedFeedForward(
        named("gate_proj", projection(h, inner, config.innerBias())),
        config.activation(),
        named("up_proj", projection(h, inner, config.innerBias())),
        named("down_proj", projection(inner, h, config.innerBias())));
  }

  private Layer projection(int in, int out, boolean bias) {
    return bias ? linear(in, out, config.init()) : linearWithoutBias(in, out, config.init());
  }

  /** [B, S, H] to [B, S, vocabulary]. */
  Layer languageHead() {
    int h = config.width();
    return outputProjection(
        "logits",
        config.tied()
            ? tiedWithoutBias("model." + WORDS + ".weight", h, config.vocabulary())
            : linearWithoutBias(h, config.vocabulary(), config.init()));
  }

  /** [B, S, H] to [B, labels], at the last token that is not padding. */
  Layer sequenceScore() {
    return sequence(
        lastToken(config.padding()),
        named("score", output("logits", projection(config.width(), config.labels(), false))));
  }

  /** [B, S, H] to [B, S, labels]; this head has a bias. */
  Layer tokenScore() {
    return sequence(
        dropout(config.classifierDropout()),
        named("score", output("logits", projection(config.width(), config.labels(), true))));
  }

  private Layer norm() {
    return rmsNorm(config.width(), config.epsilon());
  }
}
