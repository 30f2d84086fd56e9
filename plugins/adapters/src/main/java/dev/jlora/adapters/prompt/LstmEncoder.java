package dev.jlora.adapters.prompt;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.Start;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * P-tuning's LSTM: a bidirectional LSTM over the embeddings, then W2 relu(W0 h + b0) + b2 of the
 * joined states h. Gates and names are those of PyTorch's LSTM.
 *
 * @param width of a token
 * @param hidden width of the state of one direction
 * @param layers of the LSTM
 * @param dropout between them, in training
 */
record LstmEncoder(long tokens, long width, long hidden, int layers, double dropout)
    implements PromptEncoder {
  private static final String[] DIRECTIONS = {"", "_reverse"};

  @Override
  public List<OwnParameter> parameters() {
    Start start = Start.uniform(1 / Math.sqrt(hidden));
    List<OwnParameter> all = new ArrayList<>(List.of(PromptEncoder.table(tokens, width)));
    for (int layer = 0; layer < layers; layer++) {
      long in = layer == 0 ? width : 2 * hidden;
      for (String direction : DIRECTIONS) {
        String end = end(layer, direction);
        all.add(new OwnParameter(PREFIX + "lstm_head.weight_ih" + end, start, 4 * hidden, in));
        all.add(new OwnParameter(PREFIX + "lstm_head.weight_hh" + end, start, 4 * hidden, hidden));
        all.add(new OwnParameter(PREFIX + "lstm_head.bias_ih" + end, start, 4 * hidden));
        all.add(new OwnParameter(PREFIX + "lstm_head.bias_hh" + end, start, 4 * hidden));
      }
    }
    all.addAll(PromptEncoder.linear("mlp_head.0", 2 * hidden, 2 * hidden));
    all.addAll(PromptEncoder.linear("mlp_head.2", 2 * hidden, width));
    return all;
  }

  private static String end(int layer, String direction) {
    return "_l" + layer + direction;
  }

  @Override
  public Tensor encode(Run run) {
    Tensor x = run.table();
    for (int layer = 0; layer < layers; layer++) {
      if (layer > 0 && run.training() && dropout > 0) {
        x = Functions.dropout(run.tape(), x, dropout, run.random());
      }
      x =
          Functions.cat(
              run.tape(),
              1,
              states(run, x, end(layer, DIRECTIONS[0]), false),
              states(run, x, end(layer, DIRECTIONS[1]), true));
    }
    Tensor inner = Functions.relu(run.tape(), run.linear("mlp_head.0", x));
    return run.linear("mlp_head.2", inner);
  }

  /** The states of one direction, [n, hidden], in the order of the tokens. */
  private Tensor states(Run run, Tensor x, String end, boolean reverse) {
    Tape tape = run.tape();
    Tensor fromInput =
        Functions.linear(
            tape, x, run.value("lstm_head.weight_ih" + end), run.value("lstm_head.bias_ih" + end));
    Tensor weight = run.value("lstm_head.weight_hh" + end);
    Tensor bias = run.value("lstm_head.bias_hh" + end);
    Tensor[] states = new Tensor[Math.toIntExact(tokens)];
    DType dtype = x.dtype();
    Tensor state = Tensor.zeros(dtype, x.device(), 1, hidden);
    Tensor cell = null;
    for (int i = 0; i < states.length; i++) {
      int token = reverse ? states.length - 1 - i : i;
      Tensor gates =
          Functions.add(
              tape,
              Functions.slice(tape, fromInput, 0, token, token + 1),
              Functions.linear(tape, state, weight, bias));
      cell = cell(tape, gates, cell);
      state = Functions.mul(tape, Functions.sigmoid(tape, gate(tape, gates, 3)), tanh(tape, cell));
      states[token] = state;
    }
    return states.length == 1 ? states[0] : Functions.cat(tape, 0, states);
  }

  /** The new cell, sigmoid(f) cell + sigmoid(i) tanh(g); of the gates i, f, g, o. */
  private Tensor cell(Tape tape, Tensor gates, @Nullable Tensor cell) {
    Tensor input = Functions.sigmoid(tape, gate(tape, gates, 0));
    Tensor added = Functions.mul(tape, input, tanh(tape, gate(tape, gates, 2)));
    if (cell == null) { // all zero
      return added;
    }
    Tensor forget = Functions.sigmoid(tape, gate(tape, gates, 1));
    return Functions.add(tape, Functions.mul(tape, forget, cell), added);
  }

  private static Tensor tanh(Tape tape, Tensor x) {
    return Functions.tanh(tape, x);
  }

  private Tensor gate(Tape tape, Tensor gates, int index) {
    return Functions.slice(tape, gates, 1, index * hidden, (index + 1) * hidden);
  }
}
