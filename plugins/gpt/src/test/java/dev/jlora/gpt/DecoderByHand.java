package dev.jlora.gpt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.network.Network;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A Llama-class decoder in plain loops over doubles, straight from the published equations, for one
 * sequence without padding: RMS norm (arXiv:1910.07467), rotation of pairs i and i + d/2
 * (arXiv:2104.09864), query heads that share keys and values (arXiv:2305.13245), silu(gate) * up
 * (arXiv:2002.05202).
 *
 * @param config a config.json that says everything
 * @param weights by their names in the checkpoint, row by row
 * @param turning how positions turn
 */
record DecoderByHand(JsonNode config, Map<String, double[]> weights, Turning turning) {

  /** The angle of a pair at a position, and what cosine and sine are multiplied with. */
  interface Turning {
    double angle(int position, int pair);

    default double scale() {
      return 1;
    }
  }

  /** As RoFormer has it, with theta 10000. */
  static Turning plain(int headWidth) {
    return (position, pair) -> position * Math.pow(10000, -2.0 * pair / headWidth);
  }

  static DecoderByHand of(JsonNode config, Network network, Turning turning) {
    Map<String, double[]> weights = new LinkedHashMap<>();
    network.state().forEach((name, value) -> weights.put(name, value.toDoubles()));
    return new DecoderByHand(config, weights, turning);
  }

  /** The last hidden states of a text, normalized: [tokens][hidden]. */
  double[][] hidden(int... ids) {
    int h = number("hidden_size");
    double[][] x = new double[ids.length][h];
    for (int t = 0; t < ids.length; t++) {
      System.arraycopy(weights.get("model.embed_tokens.weight"), ids[t] * h, x[t], 0, h);
    }
    for (int layer = 0; layer < number("num_hidden_layers"); layer++) {
      String at = "model.layers." + layer + ".";
      add(x, attention(at + "self_attn.", norm(at + "input_layernorm", x), window(layer)));
      add(x, feedForward(at + "mlp.", norm(at + "post_attention_layernorm", x)));
    }
    return norm("model.norm", x);
  }

  /** [tokens][vocabulary]. */
  double[][] logits(int... ids) {
    String head = weights.containsKey("lm_head.weight") ? "lm_head" : "model.embed_tokens";
    return linear(head, hidden(ids));
  }

  /** The mean of -log p(next token) over a text. */
  double loss(int... ids) {
    double[][] logits = logits(ids);
    double sum = 0;
    for (int t = 0; t + 1 < ids.length; t++) {
      double all = 0;
      for (double logit : logits[t]) {
        all += Math.exp(logit);
      }
      sum += Math.log(all) - logits[t][ids[t + 1]];
    }
    return sum / (ids.length - 1);
  }

  private double[][] attention(String at, double[][] x, int window) {
    int heads = number("num_attention_heads");
    int keyHeads = number("num_key_value_heads");
    double[][] q = linear(at + "q_proj", x);
    double[][] k = linear(at + "k_proj", x);
    double[][] v = linear(at + "v_proj", x);
    int d = q[0].length / heads;
    turn(q, heads);
    turn(k, keyHeads);
    double[][] mixed = new double[x.length][heads * d];
    for (int head = 0; head < heads; head++) {
      int from = head / (heads / keyHeads) * d;
      for (int t = 0; t < x.length; t++) {
        int first = window > 0 ? Math.max(0, t - window + 1) : 0;
        double[] p = new double[t + 1];
        double all = 0;
        for (int s = first; s <= t; s++) {
          double score = 0;
          for (int i = 0; i < d; i++) {
            score += q[t][head * d + i] * k[s][from + i];
          }
          p[s] = Math.exp(score / Math.sqrt(d));
          all += p[s];
        }
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < d; i++) {
            mixed[t][head * d + i] += p[s] / all * v[s][from + i];
          }
        }
      }
    }
    return linear(at + "o_proj", mixed);
  }

  private void turn(double[][] x, int heads) {
    int d = x[0].length / heads;
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < heads * d; i++) {
        int pair = i % d;
        if (pair >= d / 2) {
          continue;
        }
        double cos = turning.scale() * Math.cos(turning.angle(t, pair));
        double sin = turning.scale() * Math.sin(turning.angle(t, pair));
        double first = x[t][i];
        double second = x[t][i + d / 2];
        x[t][i] = first * cos - second * sin;
        x[t][i + d / 2] = second * cos + first * sin;
      }
    }
  }

  private double[][] feedForward(String at, double[][] x) {
    double[][] gate = linear(at + "gate_proj", x);
    double[][] up = linear(at + "up_proj", x);
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < gate[t].length; i++) {
        gate[t][i] = gate[t][i] / (1 + Math.exp(-gate[t][i])) * up[t][i];
      }
    }
    return linear(at + "down_proj", gate);
  }

  private double[][] norm(String name, double[][] x) {
    double[] weight = weights.get(name + ".weight");
    double[][] y = new double[x.length][weight.length];
    for (int t = 0; t < x.length; t++) {
      double squares = 0;
      for (double value : x[t]) {
        squares += value * value;
      }
      double root = Math.sqrt(squares / weight.length + config.get("rms_norm_eps").asDouble());
      for (int i = 0; i < weight.length; i++) {
        y[t][i] = x[t][i] / root * weight[i];
      }
    }
    return y;
  }

  private double[][] linear(String name, double[][] x) {
    double[] weight = weights.get(name + ".weight");
    double[] bias = weights.get(name + ".bias");
    int in = x[0].length;
    int out = weight.length / in;
    double[][] y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out; o++) {
        y[t][o] = bias == null ? 0 : bias[o];
        for (int i = 0; i < in; i++) {
          y[t][o] += weight[o * in + i] * x[t][i];
        }
      }
    }
    return y;
  }

  private int window(int layer) {
    boolean sliding = layer >= config.path("max_window_layers").asInt(0);
    return sliding ? config.path("sliding_window").asInt(0) : 0;
  }

  private int number(String key) {
    return config.get(key).asInt();
  }

  private static void add(double[][] x, double[][] more) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += more[t][i];
      }
    }
  }
}
