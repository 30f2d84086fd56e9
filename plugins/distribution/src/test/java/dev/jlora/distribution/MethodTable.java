package dev.jlora.distribution;

import dev.jlora.adapters.bitfit.BitfitSpec;
import dev.jlora.adapters.bottleneck.BottleneckInit;
import dev.jlora.adapters.bottleneck.BottleneckSpec;
import dev.jlora.adapters.ia3.Ia3Spec;
import dev.jlora.adapters.lycoris.LohaSpec;
import dev.jlora.adapters.lycoris.LokrInit;
import dev.jlora.adapters.lycoris.LokrSpec;
import dev.jlora.adapters.norms.LnTuningSpec;
import dev.jlora.adapters.tokens.TrainableTokensSpec;
import dev.jlora.adapters.vera.VeraSpec;
import dev.jlora.distribution.MethodCase.Form;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Targets;
import java.util.ArrayList;
import java.util.List;

/** The adapter methods, each with settings that change its computation, one line per case. */
final class MethodTable {
  private static final Form[] LINEARS = {Form.LINEAR, Form.TRANSPOSED};
  private static final Form[] PRODUCTS = {Form.LINEAR, Form.TRANSPOSED, Form.CONVOLUTION};

  private MethodTable() {}

  static List<MethodCase> all() {
    List<MethodCase> all = new ArrayList<>(lowRank());
    all.addAll(WeightMethodCases.all());
    return all;
  }

  private static List<MethodCase> lowRank() {
    return List.of(
        MethodCase.of("lora", LoraSpec.builder().rank(2).build(), PRODUCTS)
            .with((w, b, own, x) -> PlainMath.lora(w, b, own, x, 8.0 / 2)),
        MethodCase.of("lora, bias", LoraSpec.builder().rank(2).loraBias().build(), PRODUCTS)
            .with((w, b, own, x) -> PlainMath.loraBias(w, b, own, x, 8.0 / 2)),
        MethodCase.of( // outputs and gradients of embeddings and DoRA: LoraMathTest
            "lora, embeddings",
            LoraSpec.builder().rank(2).targets("word_embeddings", "query").build()),
        MethodCase.of( // those of tokens: TrainedTokensTest
            "lora, tokens",
            LoraSpec.builder().rank(2).trainableTokens(2, 5, 7).targets("query").build()),
        MethodCase.of(
            "trainable tokens",
            TrainableTokensSpec.builder(2, 3, 5, 6, 7).targets("word_embeddings").build()),
        MethodCase.of("dora", LoraSpec.builder().rank(2).dora().build()),
        MethodCase.of(
            "dora, embeddings",
            LoraSpec.builder().rank(2).targets("word_embeddings").dora().rslora().build()),
        MethodCase.of(
                "lora, random", LoraSpec.builder().rank(2).init(LoraInit.RANDOM).build(), LINEARS)
            .changing(),
        MethodCase.of("ia3", Ia3Spec.builder().feedforward(Targets.regex("none")).build(), PRODUCTS)
            .with(PlainMath::scaledOutput),
        MethodCase.of(
                "ia3, feedforward",
                Ia3Spec.builder().feedforward(Targets.regex(".*")).build(),
                PRODUCTS)
            .with(PlainMath::scaledInput),
        MethodCase.of(
                "ia3, random",
                Ia3Spec.builder().feedforward(Targets.regex("none")).init(false).build(),
                LINEARS)
            .changing(),
        MethodCase.of("vera", VeraSpec.builder().rank(3).build(), LINEARS).with(PlainMath::vera),
        MethodCase.of(
                "vera, random, recomputed",
                VeraSpec.builder()
                    .rank(8)
                    .projectionKey(5)
                    .saveProjection(false)
                    .init(false)
                    .build(),
                LINEARS)
            .changing()
            .with(PlainMath::vera),
        MethodCase.of("loha", LohaSpec.builder().rank(2).alpha(3).build(), PRODUCTS)
            .with((w, b, own, x) -> PlainMath.loha(w, b, own, x, 3.0 / 2)),
        MethodCase.of(
                "loha, random, effective convolutions",
                LohaSpec.builder().rank(2).init(false).effectiveConv2d().build(),
                PRODUCTS)
            .changing(),
        MethodCase.of("lokr", LokrSpec.builder().rank(2).alpha(3).build(), PRODUCTS)
            .with((w, b, own, x) -> PlainMath.lokr(w, b, own, x, 3.0 / 2)),
        MethodCase.of(
                "lokr, two products",
                LokrSpec.builder().rank(1).decomposeBoth().factor(2).effectiveConv2d().build(),
                PRODUCTS)
            .with((w, b, own, x) -> PlainMath.lokr(w, b, own, x, 8)),
        MethodCase.of(
                "lokr, as in LyCORIS",
                LokrSpec.builder().rank(1).factor(3).init(LokrInit.LYCORIS).build(),
                PRODUCTS)
            .with((w, b, own, x) -> PlainMath.lokr(w, b, own, x, 8)),
        MethodCase.of(
                "lokr, random", LokrSpec.builder().rank(1).init(LokrInit.RANDOM).build(), LINEARS)
            .changing(),
        MethodCase.of(
            "ln-tuning", LnTuningSpec.defaults(), Form.NORM, Form.LINEAR, Form.CONVOLUTION),
        MethodCase.of("bitfit", BitfitSpec.defaults(), Form.LINEAR, Form.CONVOLUTION, Form.NORM),
        MethodCase.of("bitfit, targets", BitfitSpec.builder().targets("dense").build()),
        MethodCase.of(
                "bottleneck, Pfeiffer", BottleneckSpec.pfeiffer().reduction(2).build(), LINEARS)
            .changing()
            .unmergeable()
            .with((w, b, own, x) -> PlainMath.bottleneck(w, b, own, x, false, 1)),
        MethodCase.of(
                "bottleneck, Houlsby",
                BottleneckSpec.houlsby().reduction(2).init(BottleneckInit.MAM).build(),
                LINEARS)
            .unmergeable(),
        MethodCase.of("bottleneck, parallel", BottleneckSpec.parallel().build(), LINEARS)
            .unmergeable()
            .with((w, b, own, x) -> PlainMath.bottleneck(w, b, own, x, true, 4)));
  }
}
