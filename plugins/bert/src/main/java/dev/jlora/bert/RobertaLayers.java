package dev.jlora.bert;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.dropout;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.sequence;
import static dev.jlora.model.layers.Layers.tokenPositions;

import dev.jlora.model.tree.Layer;

/**
 * RoBERTa: BERT's blocks with positions that skip padding, and different heads. H is the hidden
 * size.
 */
record RobertaLayers(BertConfig config, BertLayers bert) {
  RobertaLayers(BertConfig config) {
    this(config, new BertLayers(config));
  }

  /** Token ids [B, S] to [B, S, H]. */
  Layer encoder() {
    return bert.encoder(
        tokenPositions("input_ids", config.padding(), bert.positionTable(config.padding())));
  }

  /** [B, H] of the first token to [B, labels]: through dropout, dense, tanh, dropout. */
  Layer classificationHead() {
    int h = config.hidden();
    return named(
        "classifier",
        sequence(
            dropout(config.classifierDropout()),
            named("dense", bert.linear(h, h)),
            activation("tanh"),
            dropout(config.classifierDropout()),
            named("out_proj", output("logits", bert.linear(h, config.labels())))));
  }

  /** [B, S, H] to [B, S, vocabulary]; always with GELU, regardless of {@code hidden_act}. */
  Layer maskedLanguageHead() {
    int h = config.hidden();
    return named(
        "lm_head",
        sequence(
            named("dense", bert.linear(h, h)),
            activation("gelu"),
            named("layer_norm", bert.norm()),
            bert.decoder("roberta")));
  }
}
