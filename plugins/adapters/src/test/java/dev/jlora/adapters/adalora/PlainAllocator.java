package dev.jlora.adapters.adalora;

import dev.jlora.model.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The removal of ranks, as loops over doubles. */
final class PlainAllocator {
  private final AdaLoraSpec spec;
  private final int total;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, double[]> importance = new LinkedHashMap<>();
  private final Map<String, double[]> uncertainty = new LinkedHashMap<>();
  private final Map<String, double[]> singular = new LinkedHashMap<>();
  private final Map<String, boolean[]> kept = new LinkedHashMap<>();

  PlainAllocator(AdaLoraSpec spec, List<Parameter> all, int total) {
    this.spec = spec;
    this.total = total;
    for (Parameter parameter : all) {
      if (parameter.name().contains("lora_")) {
        parameters.put(parameter.name(), parameter);
        importance.put(parameter.name(), new double[(int) parameter.elements()]);
        uncertainty.put(parameter.name(), new double[(int) parameter.elements()]);
      }
    }
  }

  /** After the update of a step, before its ranks are removed. */
  void step(int step, Function<Parameter, double[]> gradients) {
    int last = total - spec.tfinal();
    if (step < last) {
      parameters.forEach((name, parameter) -> average(name, parameter, gradients));
    }
    parameters.forEach(
        (name, parameter) -> {
          if (name.endsWith("lora_E")) {
            singular.put(name, parameter.value().toDoubles());
          }
        });
    boolean scheduled = step > spec.tinit() && step < last && step % spec.deltaT() == 0;
    if (scheduled || step == last) {
      remove(step);
    }
    if (scheduled || step >= last) {
      kept.forEach(
          (name, ranks) -> {
            for (int i = 0; i < ranks.length; i++) {
              singular.get(name)[i] *= ranks[i] ? 1 : 0;
            }
          });
    }
  }

  private void average(String name, Parameter parameter, Function<Parameter, double[]> gradients) {
    double[] values = parameter.value().toDoubles();
    double[] gradient = gradients.apply(parameter);
    double[] mean = importance.get(name);
    double[] spread = uncertainty.get(name);
    for (int i = 0; i < values.length; i++) {
      double now = Math.abs(values[i] * gradient[i]);
      mean[i] = spec.beta1() * mean[i] + (1 - spec.beta1()) * now;
      spread[i] = spec.beta2() * spread[i] + (1 - spec.beta2()) * Math.abs(now - mean[i]);
    }
  }

  private void remove(int step) {
    Map<String, double[]> scores = new LinkedHashMap<>();
    List<Double> all = new ArrayList<>();
    singular.keySet().forEach(name -> scores.put(name, scores(name)));
    scores
        .values()
        .forEach(
            some -> {
              for (double score : some) {
                all.add(score);
              }
            });
    Collections.sort(all);
    int targets = scores.size();
    double left = 1 - (double) (step - spec.tinit()) / (total - spec.tfinal() - spec.tinit());
    int target = spec.targetR() * targets;
    int budget = (int) ((all.size() - target) * left * left * left + target);
    double threshold = all.get(all.size() - budget - 1);
    scores.forEach(
        (name, some) -> {
          boolean[] ranks = new boolean[some.length];
          for (int i = 0; i < ranks.length; i++) {
            ranks[i] = some[i] > threshold;
          }
          kept.put(name, ranks);
        });
  }

  private double[] scores(String name) {
    double[] e = products(name);
    double[] a = products(name.replace("lora_E", "lora_A"));
    double[] b = products(name.replace("lora_E", "lora_B"));
    int rank = e.length;
    int in = a.length / rank;
    int out = b.length / rank;
    double[] scores = e.clone();
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j < in; j++) {
        scores[i] += a[i * in + j] / in;
      }
      for (int j = 0; j < out; j++) {
        scores[i] += b[j * rank + i] / out;
      }
    }
    return scores;
  }

  private double[] products(String name) {
    double[] products = importance.get(name).clone();
    for (int i = 0; i < products.length; i++) {
      products[i] *= uncertainty.get(name)[i];
    }
    return products;
  }

  /** The singular values that are left. */
  double[] masked(String name) {
    return singular.get(name);
  }
}
