package dev.jlora.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a job is, its JSON gives it back. */
class SpecRoundTripTest {

  @Property(tries = 200)
  void a_job_is_read_back_as_it_was_printed(@ForAll("jobs") JobSpec job) {
    assertThat(JobSpec.parse(job.json())).isEqualTo(job);
  }

  @Provide
  Arbitrary<JobSpec> jobs() {
    return Combinators.combine(
            models(),
            tasks(),
            loras().injectNull(0.1),
            data(),
            optimizers(),
            schedules(),
            training())
        .as(JobSpec::new);
  }

  /** Any text; some are paths, so only ASCII where the system's file names are no Unicode. */
  private static Arbitrary<String> words() {
    boolean unicode =
        System.getProperty("sun.jnu.encoding").toUpperCase(Locale.ROOT).contains("UTF");
    return (unicode ? Arbitraries.strings() : Arbitraries.strings().ascii())
        .ofMinLength(1)
        .ofMaxLength(12)
        .filter(word -> !word.isBlank() && word.indexOf('\0') < 0);
  }

  private static Arbitrary<Double> shares() {
    return Arbitraries.doubles().between(0, true, 1, false);
  }

  private static Arbitrary<Double> positive() {
    return Arbitraries.doubles().between(1e-9, 1e9).ofScale(12).filter(value -> value > 0);
  }

  private static Arbitrary<Integer> counts() {
    return Arbitraries.integers().greaterOrEqual(1);
  }

  private static Arbitrary<ModelSpec> models() {
    return Combinators.combine(words(), Arbitraries.of(Precision.class), words().injectNull(0.5))
        .as(ModelSpec::new);
  }

  private static Arbitrary<TaskSpec> tasks() {
    Arbitrary<List<String>> labels = words().list().uniqueElements().ofMaxSize(5);
    return Combinators.combine(
            words(),
            labels.filter(list -> list.size() != 1),
            Arbitraries.of(TaskSpec.Problem.class).injectNull(0.3),
            words().list().ofMaxSize(3))
        .as(TaskSpec::new);
  }

  private static Arbitrary<LoraInit> inits() {
    return Arbitraries.of(LoraInit.Kind.values())
        .flatMap(
            kind ->
                kind == LoraInit.Kind.PISSA
                    ? Arbitraries.integers().between(0, 1000).map(n -> new LoraInit(kind, n))
                    : Arbitraries.just(new LoraInit(kind, 0)));
  }

  private static Arbitrary<Targets> targets() {
    return Arbitraries.oneOf(
        words().list().ofMinSize(1).ofMaxSize(4).map(Targets.Names::new),
        Arbitraries.of(".*\\.query", "all", "(key|value)").map(Targets::regex),
        Arbitraries.just(Targets.allLinear()));
  }

  private static Arbitrary<AdapterSpec> loras() {
    Arbitrary<LoraSpec> plain =
        Combinators.combine(
                Arbitraries.integers().between(1, RankChecks.MAX_RANK),
                Arbitraries.doubles().between(0, false, RankChecks.MAX_ALPHA, true),
                shares(),
                targets().injectNull(0.2),
                Arbitraries.of(Bias.class),
                inits(),
                Arbitraries.of(true, false),
                words().list().ofMaxSize(2))
            .as(
                (rank, alpha, dropout, targets, bias, init, flag, saved) ->
                    LoraSpec.builder()
                        .rank(rank)
                        .alpha(alpha)
                        .dropout(dropout)
                        .targets(targets)
                        .bias(bias)
                        .init(init)
                        .rslora(flag)
                        .fanInFanOut(!flag)
                        .ensureWeightTying(flag)
                        .modulesToSave(saved.toArray(String[]::new))
                        .rankOf("layer\\.1\\..*", rank)
                        .alphaOf("key", alpha)
                        .build());
    Arbitrary<LoraSpec> someLayers =
        Arbitraries.integers()
            .between(0, 40)
            .list()
            .ofMaxSize(4)
            .map(
                layers ->
                    LoraSpec.builder()
                        .targets("query")
                        .exclude("key", "value")
                        .layers(layers.toArray(Integer[]::new))
                        .layersPattern("layer")
                        .build());
    Arbitrary<LoraSpec> others =
        Combinators.combine(
                Arbitraries.of(
                        new TokenIndices.OfInput(List.of(3, 1)),
                        new TokenIndices.ByName(Map.of("wte", List.of(0), "head", List.of(2))))
                    .injectNull(0.3),
                Arbitraries.integers().between(0, 40).list().ofMaxSize(3),
                words().list().ofMaxSize(2),
                Arbitraries.of(true, false))
            .as(
                (tokens, starts, parameters, flag) ->
                    LoraSpec.builder()
                        .trainableTokens(tokens)
                        .replicateLayers(
                            parameters.isEmpty()
                                ? starts.stream().map(start -> new LayerRange(start, 41)).toList()
                                : List.of())
                        .targetParameters(parameters)
                        .dora(flag && parameters.isEmpty())
                        .loraBias(!flag && parameters.isEmpty())
                        .build());
    return Arbitraries.oneOf(plain, someLayers, others).map(AdapterSpec.class::cast);
  }

  private static Arbitrary<DataSpec> data() {
    return Combinators.combine(
            words(),
            words().injectNull(0.5),
            words().list().ofMaxSize(3),
            Arbitraries.integers().between(3, 4096),
            Arbitraries.of(Padding.class),
            counts().injectNull(0.5),
            Arbitraries.longs().injectNull(0.5),
            Arbitraries.of(true, false))
        .as(
            (train, other, header, length, padding, limit, seed, flag) ->
                new DataSpec(
                    train,
                    other,
                    other,
                    other,
                    other,
                    train,
                    flag ? ";" : null,
                    flag
                        ? new ColumnsSpec(train, other, other, null, other)
                        : new ColumnsSpec(null, null, other, train),
                    header,
                    length,
                    flag,
                    limit,
                    padding,
                    length,
                    flag,
                    length > 8,
                    !flag,
                    limit,
                    limit,
                    limit,
                    seed,
                    flag,
                    !flag,
                    flag
                        ? new ImagesSpec(
                            limit == null ? null : Math.min(limit, 512),
                            0.5,
                            true,
                            ImagesSpec.Corrupt.SKIP,
                            limit,
                            ImagesSpec.Orientation.STORED)
                        : ImagesSpec.defaults()));
  }

  private static Arbitrary<OptimizerSpec> optimizers() {
    return Combinators.combine(words(), positive(), shares(), shares(), positive())
        .as(
            (name, rate, decay, beta, epsilon) ->
                new OptimizerSpec(
                    name, rate, decay, beta > 0.5, beta, decay, epsilon, beta, beta > 0));
  }

  private static Arbitrary<ScheduleSpec> schedules() {
    return Arbitraries.oneOf(
        Combinators.combine(words(), counts())
            .as((name, steps) -> new ScheduleSpec(name, steps, 0)),
        Combinators.combine(words(), shares())
            .as((name, share) -> new ScheduleSpec(name, 0, share)));
  }

  private static Arbitrary<Interval> intervals() {
    return Arbitraries.oneOf(Arbitraries.just(Interval.epoch()), counts().map(Interval::steps));
  }

  private static Arbitrary<TrainingSpec> training() {
    return Combinators.combine(
            positive(), counts(), shares(), Arbitraries.longs(), intervals(), intervals(), words())
        .as(
            (number, count, share, seed, evaluate, save, word) ->
                TrainingSpec.builder()
                    .epochs(number)
                    .maxSteps(count)
                    .batch(count)
                    .evalBatch(count)
                    .evalMaxNewTokens(count)
                    .accumulate(count)
                    .maxGradNorm(number)
                    .labelSmoothing(share)
                    .seed(seed)
                    .threads(1 + (count - 1) % 1024)
                    .loggingSteps(count)
                    .evaluate(evaluate)
                    .save(save)
                    .saveTotalLimit(count)
                    .keepBest(word)
                    .greaterIsBetter(share > 0.5)
                    .earlyStopping(count, share)
                    .output(word)
                    .overwrite(share > 0.5)
                    .resume(share < 0.3)
                    .build());
  }
}
