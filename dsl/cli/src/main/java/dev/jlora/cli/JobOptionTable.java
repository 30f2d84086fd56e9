package dev.jlora.cli;

import dev.jlora.spec.Bias;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.LabelLists;
import dev.jlora.spec.Padding;
import dev.jlora.spec.Precision;
import dev.jlora.spec.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The options of a job. Add the option of a new key here: name and label as in the help, the path
 * of the key, the type of the value, the last command to which it applies ({@link JobOption.Use}),
 * and below its description.
 */
final class JobOptionTable {
  private static final Map<String, Class<?>> KINDS =
      Map.ofEntries(
          Map.entry("text", String.class),
          Map.entry("words", List.class),
          Map.entry("whole", Integer.class),
          Map.entry("long", Long.class),
          Map.entry("number", Double.class),
          Map.entry("flag", Boolean.class),
          Map.entry("interval", Interval.class),
          Map.entry("precision", Precision.class),
          Map.entry("problem", TaskSpec.Problem.class),
          Map.entry("padding", Padding.class),
          Map.entry("lists", LabelLists.class),
          Map.entry("orientation", ImagesSpec.Orientation.class),
          Map.entry("bias", Bias.class));

  private static final String TABLE =
      """
      JOB
      --model DIR                  model.path                            text      train
        Folder of the pretrained model.
      --precision TYPE             model.precision                       precision predict
        fp32, bf16 or fp16; default: fp32, after training that of the run.
      --architecture NAME          model.architecture                    text      train
        A transformers class instead of the task's default.
      --adapter DIR                model.adapter                         text      train
        Start from a saved adapter, taking over its settings.
      --task TASK                  task.name                             text      train
        The training task (default: image-classification for image models, else
        sequence-classification).
      --labels NAME                task.labels                           words     train
        Comma-separated label names, in order; default: those of the model or of the data.
      --problem KIND               task.problem                          problem   train
        single_label_classification, multi_label_classification or regression; default: by the labels.
      --metrics NAME               task.metrics                          words     evaluate
        Comma-separated metrics of evaluations; default: the task's.
      --full                       adapter                               flag      train
        Train all weights, without an adapter.

      DATA
      --train FILE                 data.train                            text      train
        Training rows.
      --validation FILE            data.validation                       text      train
        Rows for evaluations during training.
      --test FILE                  data.test                             text      evaluate
        Rows for the final evaluation; for eval, - is standard input.
      --format NAME                data.format                           text      predict
        jsonl, csv, tsv, imagefolder; by default from the file name.
      --validation-format NAME     data.validation_format                text      train
        The format of the validation rows, if different.
      --test-format NAME           data.test_format                      text      train
        The format of the test rows, if different.
      --delimiter CHAR             data.delimiter                        text      predict
        Delimiter of CSV files; default: detected from the first line (, or ; or a tab).
      --text COLUMN                data.columns.text                     text      predict
        Column of the text; default: text.
      --text-pair COLUMN           data.columns.text_pair                text      predict
        Column of a second text.
      --label COLUMN               data.columns.label                    text      predict
        Column of the label; default: label.
      --label-lists HOW            data.columns.label_lists              lists     evaluate
        Multi-label: lists contain labels, or flags, one value for each label.
      --tokens COLUMN              data.columns.tokens                   text      predict
        Column of words, instead of a text.
      --header COLUMN              data.header                           words     predict
        Comma-separated column names of a table without a header line.
      --max-length N               data.max_length                       whole     predict
        Truncate longer rows to this many tokens.
      --no-truncation              data.truncation                       flag      predict
        Reject longer rows instead of truncating them.
      --doc-stride N               data.doc_stride                       whole     predict
        question-answering: split long contexts into windows that overlap by this many tokens.
      --no-packing                 data.packing                          flag      evaluate
        causal-lm: one row is one example; by default texts fill blocks of the maximum length.
      --plain-chat                 data.plain_chat                       flag      evaluate
        Write conversations with jlora's own markers, although the model has a chat template.
      --limit N                    data.train_limit                      whole     train
        Train on the first N rows only.
      --validation-limit N         data.validation_limit                 whole     train
        Evaluate on the first N validation rows only.
      --test-limit N               data.test_limit                       whole     evaluate
        Evaluate on the first N test rows only.
      --padding HOW                data.padding                          padding   predict
        dynamic (to the longest row of a batch, default) or max_length.
      --pad-to-multiple-of N       data.pad_to_multiple_of               whole     predict
        Round padded lengths up; default: 8.
      --no-group-by-length         data.group_by_length                  flag      train
        Do not group rows of similar length.
      --no-shuffle                 data.shuffle                          flag      train
        Take rows in the order of the file, in every epoch.
      --shuffle-seed N             data.shuffle_seed                     long      train
        Seed for shuffling; default: that of --seed.
      --only-labels                data.only_labels                      flag      evaluate
        Drop rows with other labels.

      IMAGES
      --image COLUMN               data.columns.image                    text      predict
        Column of the image's path; default: image.
      --image-size PIXELS          data.images.size                      whole     predict
        Height and width instead of the model's.
      --random-crop SHARE          data.images.random_crop               number    train
        Train on random crops of at least this share of the area.
      --flip                       data.images.flip                      flag      train
        Mirror training images with probability 1/2.
      --skip-corrupt               data.images.corrupt                   flag      predict
        Skip images that cannot be read.
      --image-orientation HOW      data.images.orientation               orientation predict
        exif (default: rotate photos by their EXIF tag) or stored.
      --image-threads N            data.images.threads                   whole     predict
        Threads that decode images; default: half the cores.

      ADAPTER
      --method NAME                adapter.method                        text      train
        The adapter method: lora (default), ia3, vera, loha, ...; jlora info lists them.
      --rank N                     adapter.rank                          whole     train
        Rank of the update; default: 8.
      --alpha X                    adapter.alpha                         number    train
        The update is scaled by alpha / rank; default: 8.
      --dropout X                  adapter.dropout                       number    train
        Dropout on the input of A; default: 0.
      --targets WHICH              adapter.target_modules                text      train
        Comma-separated names, a regular expression, or all-linear; default: the family's.
      --exclude WHICH              adapter.exclude_modules               text      train
        Targets to exclude: comma-separated names, or a regular expression.
      --bias WHICH                 adapter.bias                          bias      train
        none (default), all or lora_only.
      --modules-to-save NAME       adapter.modules_to_save               words     train
        Comma-separated modules to train in full, in addition to the task's head.
      --ensure-weight-tying        adapter.ensure_weight_tying           flag      train
        Train tied embeddings and output layer as one weight.
      --rslora                     adapter.use_rslora                    flag      train
        Scale by alpha / sqrt(rank).
      --init HOW                   adapter.init_lora_weights             text      train
        true (default: B is zero), gaussian, orthogonal, pissa, pissa_niter_N, olora,
        loftq, eva, corda, lora_ga, or false (random, for tests).
      --layers N                   adapter.layers_to_transform           words     train
        Comma-separated layers with adapters, from 0; default: all.
      --layers-pattern NAME        adapter.layers_pattern                text      train
        The name before a layer's index.
      --dora                       adapter.use_dora                      flag      train
        DoRA: train magnitudes of the weights in addition.
      --lora-bias                  adapter.lora_bias                     flag      train
        Give B a bias.
      --trainable-tokens ID        adapter.trainable_token_indices       words     train
        Comma-separated tokens whose input embeddings are trained.
      --layer-replication RANGE    adapter.layer_replication             words     train
        Comma-separated ranges of layers to repeat, such as 0:4,2:6.
      --target-parameters NAME     adapter.target_parameters             words     train
        Comma-separated parameters with adapters.
      --fan-in-fan-out             adapter.fan_in_fan_out                flag      train
        Weights are stored [in, out]; corrected if the model knows the layout.

      TRAINING
      --epochs X                   training.epochs                       number    train
        Passes over the training rows; default: 3.
      --max-steps N                training.max_steps                    whole     train
        End the run after N steps.
      --batch N                    training.batch_size                   whole     train
        Rows per micro-batch; default: 8.
      --eval-batch N               training.eval_batch_size              whole     predict
        Rows per batch of an evaluation; default: that of --batch, else 8.
      --eval-max-new-tokens N      training.eval_max_new_tokens          whole     evaluate
        Maximum number of tokens generated per row of an evaluation; default: 64.
      --accumulate N               training.gradient_accumulation_steps  whole     train
        Micro-batches per step; default: 1.
      --gradient-checkpointing     training.gradient_checkpointing       flag      train
        Recompute blocks in the backward pass: less memory, more time.
      --lr X                       optimizer.learning_rate               number    train
        Learning rate; default: 2e-4.
      --weight-decay X             optimizer.weight_decay                number    train
        Default: 0.
      --optimizer NAME             optimizer.name                        text      train
        adamw, adamw8bit, adam, sgd; default: adamw.
      --decay-bias-and-norm        optimizer.decay_bias_and_norm         flag      train
        Apply weight decay to biases and norms, too.
      --beta1 X                    optimizer.beta1                       number    train
        Default: 0.9.
      --beta2 X                    optimizer.beta2                       number    train
        Default: 0.999.
      --epsilon X                  optimizer.epsilon                     number    train
        Default: 1e-8.
      --momentum X                 optimizer.momentum                    number    train
        For sgd; default: 0.
      --nesterov                   optimizer.nesterov                    flag      train
        For sgd with momentum.
      --schedule NAME              schedule.name                         text      train
        linear, cosine, constant; default: linear.
      --warmup-steps N             schedule.warmup_steps                 whole     train
        Steps over which the learning rate rises from 0; default: 0.
      --warmup-ratio X             schedule.warmup_ratio                 number    train
        The same as a fraction of all steps.
      --max-grad-norm X            training.max_grad_norm                number    train
        Clip gradients to this norm, 0 for no clipping; default: 1.
      --label-smoothing X          training.label_smoothing              number    train
        Default: 0.
      --logging-steps N            training.logging_steps                whole     train
        Steps between log lines; default: 50.
      --evaluate WHEN              training.evaluate                     interval  train
        no, epoch (default), or a number of steps; on validation rows.
      --save WHEN                  training.save                         interval  train
        A checkpoint: no, epoch (default), or a number of steps.
      --save-total-limit N         training.save_total_limit             whole     train
        Checkpoints to keep; default: all.
      --keep-best METRIC           training.best_metric                  text      train
        Keep the weights that are best by this metric.
      --greater-is-better          training.greater_is_better            flag      train
        Whether higher values are better; default: by metric.
      --early-stopping N           training.early_stopping_patience      whole     train
        End after N evaluations without improvement.
      --early-stopping-threshold X training.early_stopping_threshold     number    train
        Minimum improvement; default: 0.
      --seed N                     training.seed                         long      train
        Seed for weight initialization, dropout and shuffling; default: 42.
      --threads N                  training.threads                      whole     predict
        Threads of libtorch; default: one per core.
      --device NAME                training.device                       text      predict
        auto (default: a GPU if there is one), cpu, cuda or cuda:INDEX.
      --tf32                       training.tf32                         flag      train
        Let a GPU round fp32 products to TF32.
      --cuda-graphs WHEN           training.cuda_graphs                  text      train
        auto: capture steps of recurring shape on a GPU; off (default).
      --output DIR                 training.output                       text      train
        Output folder; default: runs/jlora.
      --overwrite                  training.overwrite                    flag      train
        Replace an earlier run in the output folder.
      --resume                     training.resume                       flag      train
        Continue from the newest checkpoint in the output folder.

      TRAINER
      --bf16                       training.bf16                         flag      train
        --precision bf16
      --fp16                       training.fp16                         flag      train
        --precision fp16
      --use-cpu                    training.use_cpu                      flag      train
        --device cpu
      --eval-steps N               training.eval_steps                   whole     train
        With --eval-strategy steps.
      --save-steps N               training.save_steps                   whole     train
        With --save-strategy steps.
      --load-best-model-at-end     training.load_best_model_at_end       flag      train
        Keep the best weights, by the loss if no metric is named.
      """;

  private JobOptionTable() {}

  static List<JobOption> all() {
    List<JobOption> options = new ArrayList<>();
    JobOption.Group group = JobOption.Group.JOB;
    List<String> lines = TABLE.lines().filter(line -> !line.isBlank()).toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("--")) {
        String line = lines.get(i);
        StringBuilder help = new StringBuilder();
        while (i + 1 < lines.size() && lines.get(i + 1).startsWith(" ")) {
          help.append(help.isEmpty() ? "" : " ").append(lines.get(++i).strip());
        }
        options.add(option(group, line, help.toString()));
      } else {
        group = JobOption.Group.valueOf(lines.get(i));
      }
    }
    return List.copyOf(options);
  }

  private static JobOption option(JobOption.Group group, String line, String help) {
    String[] words = line.split(" +");
    int label = words.length - 4; // a flag has none
    return new JobOption(
        group,
        JobOption.Use.valueOf(words[words.length - 1].toUpperCase(Locale.ROOT)),
        words[0],
        words[words.length - 3],
        KINDS.get(words[words.length - 2]),
        label == 0 ? "" : words[label],
        help);
  }
}
