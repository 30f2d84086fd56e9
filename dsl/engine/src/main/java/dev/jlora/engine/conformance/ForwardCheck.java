package dev.jlora.engine.conformance;

import dev.jlora.autograd.Tape;
import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.generation.SpecialIds;
import dev.jlora.engine.generation.TokenGenerator;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A forward pass in eval mode: compares every expected tensor, including the loss. */
final class ForwardCheck {
  private final Plugins plugins;
  private final Device device;

  ForwardCheck(Plugins plugins, Device device) {
    this.plugins = plugins;
    this.device = device;
  }

  CaseResult run(ReferenceCase reference) {
    Comparison comparison = new Comparison();
    Tolerance tolerance = new Tolerance(reference.tolerance("abs"), reference.tolerance("rel"));
    try (CaseModel model = CaseModel.load(plugins, reference, device);
        SafetensorsFile inputs = reference.inputs();
        SafetensorsFile expected = reference.expected();
        Scope scope = Scope.open()) {
      Map<String, Tensor> given = ReferenceCase.tensors(inputs, "");
      Map<String, Tensor> batch = model.loaded().network().place(given);
      Outputs outputs =
          model.loaded().network().forward(batch, ForwardContext.inference().withHiddenStates());
      ReferenceCase.tensors(expected, "")
          .forEach(
              (name, tensor) -> {
                Tensor actual =
                    switch (name) {
                      case "loss" -> model.requireObjective().loss(Tape.off(), outputs, batch, 0);
                      case "generated" -> generated(model, given, tensor.size(1));
                      default -> outputs.find(name);
                    };
                if (actual == null) {
                  comparison.problem("%s: the model gives %s".formatted(name, outputs.names()));
                } else {
                  comparison.tensor(name, actual, tensor, tolerance);
                }
              });
    }
    return comparison.result(reference.name(), reference.kind());
  }

  /**
   * Prompts [B, S], padded on the left, with the most probable tokens appended: [B, length]. A row
   * that ended has its end token and then padding, as in transformers.
   */
  private static Tensor generated(CaseModel model, Map<String, Tensor> batch, long length) {
    var network = model.loaded().network();
    var ids = batch.get("input_ids");
    long[] prompts = ids.toLongs();
    long[] mask = batch.get("attention_mask").toLongs();
    int rows = (int) ids.size(0);
    int width = (int) ids.size(1);
    List<int[]> texts = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      int first = row * width;
      texts.add(
          IntStream.range(first, first + width)
              .filter(i -> mask[i] != 0)
              .map(i -> (int) prompts[i])
              .toArray());
    }
    var settings = GenerationSettings.greedy((int) length - width);
    var special = SpecialIds.of(model.loaded().config());
    var answers =
        new TokenGenerator(network, special).continuations(texts, settings, (_, _) -> true);
    long[] all = new long[rows * (int) length];
    Arrays.fill(all, special.padding());
    for (int row = 0; row < rows; row++) {
      System.arraycopy(prompts, row * width, all, row * (int) length, width);
      int[] answer = answers.get(row).ids();
      int after = row * (int) length + width;
      for (int i = 0; i < answer.length; i++) {
        all[after + i] = answer[i];
      }
      if (answers.get(row).ended()) {
        all[after + answer.length] = special.ends().iterator().next();
      }
    }
    return Tensor.of(all, rows, length);
  }
}
