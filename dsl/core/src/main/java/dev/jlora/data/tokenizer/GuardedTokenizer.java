package dev.jlora.data.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.jlora.natives.NativeProcess;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer in a separate process, for files and texts on which the library might panic. A panic
 * then ends the other process: the text is rejected, and the next one starts a new process. The
 * other process is also ended if an answer takes too long.
 */
final class GuardedTokenizer implements NativeTokenizer {
  /** Time limit of an answer, with an allowance per character. */
  record Patience(double seconds, double perMillionChars) {
    double of(int chars) {
      return seconds + perMillionChars * chars / 1e6;
    }
  }

  /** Includes starting Java; a file is read quickly, however large it is. */
  private static final Patience LOADING = new Patience(8, 0.5);

  /** Together with loading, less than ten seconds for a short text that never ends. */
  private static final Patience ENCODING = new Patience(4, 8);

  private static final int MESSAGE = 300;

  private final String json;
  private final Patience loading;
  private final Patience encoding;
  private @Nullable Connection connection;

  private record Connection(
      Process process, DataInputStream in, DataOutputStream out, Path messages) {}

  @FunctionalInterface
  private interface Exchange<T> {
    T with(DataInputStream in, DataOutputStream out) throws IOException;
  }

  /**
   * Starts the process and loads the tokenizer in it.
   *
   * @throws TokenizerFailure with the library's message, if it rejects the tokenizer or ends
   */
  GuardedTokenizer(String json) {
    this(json, LOADING, ENCODING);
  }

  GuardedTokenizer(String json, Patience loading, Patience encoding) {
    this.json = json;
    this.loading = loading;
    this.encoding = encoding;
    connected();
  }

  @Override
  public List<Tokens> encode(List<String> texts, Tokens.Detail detail) {
    List<Tokens> all = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      String text = JniTokenizer.wellFormed(texts.get(i));
      Connection to = connected();
      all.add(
          exchange(
              to,
              i,
              encoding.of(text.length()),
              (in, out) -> {
                out.writeInt(TokenizerProcess.ENCODE);
                out.writeInt(detail.ordinal());
                TokenizerProcess.write(out, text);
                answered(in, out);
                return new Tokens(
                    TokenizerProcess.readInts(in),
                    TokenizerProcess.readInts(in),
                    TokenizerProcess.readInts(in),
                    TokenizerProcess.readInts(in));
              }));
    }
    return all;
  }

  @Override
  public String decode(int[] ids) {
    return exchange(
        connected(),
        0,
        encoding.of(ids.length),
        (in, out) -> {
          out.writeInt(TokenizerProcess.DECODE);
          TokenizerProcess.write(out, ids);
          answered(in, out);
          return TokenizerProcess.readText(in);
        });
  }

  @Override
  public void close() {
    if (connection != null) {
      end(connection);
    }
  }

  private Connection connected() {
    Connection is = connection;
    if (is == null) {
      is = start();
      load(is);
      connection = is;
    }
    return is;
  }

  private void load(Connection started) {
    try {
      exchange(
          started,
          0,
          loading.of(json.length()),
          (in, out) -> {
            out.writeInt(TokenizerProcess.LOAD);
            TokenizerProcess.write(out, json);
            answered(in, out);
            return true;
          });
    } catch (TokenizerFailure e) {
      end(started); // it has no tokenizer, and close() does not know it yet
      throw e;
    }
  }

  /** Sends a request and reads the answer; ends the process if there is none in time. */
  private <T> T exchange(Connection with, int text, double seconds, Exchange<T> exchange) {
    var over = new AtomicBoolean();
    var late = new AtomicBoolean();
    CompletableFuture.delayedExecutor((long) (1000 * seconds), TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              if (!over.get()) {
                late.set(true);
                with.process().destroyForcibly();
              }
            });
    try {
      return exchange.with(with.in(), with.out());
    } catch (TokenizerFailure e) {
      throw TokenizerFailure.said(text, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      String problem =
          late.get() ? "gave no answer in %.0f seconds".formatted(seconds) : lastWords(with);
      end(with);
      throw TokenizerFailure.ended(text, problem);
    } catch (RuntimeException | Error e) {
      end(with); // in the middle of an answer, such as when memory ran out
      throw e;
    } finally {
      over.set(true);
    }
  }

  private static void answered(DataInputStream in, DataOutputStream out) throws IOException {
    out.flush();
    if (in.readInt() != TokenizerProcess.DONE) {
      throw TokenizerFailure.said(0, TokenizerProcess.readText(in));
    }
  }

  private static String lastWords(Connection of) {
    try {
      of.process().waitFor(2, TimeUnit.SECONDS);
      String all = Files.readString(of.messages(), StandardCharsets.ISO_8859_1);
      String panic =
          all.lines()
              .filter(line -> !line.isBlank() && !line.startsWith("note:"))
              .filter(line -> !line.startsWith("fatal runtime error"))
              .filter(line -> !line.startsWith("thread '"))
              .filter(line -> !line.startsWith("#"))
              .filter(line -> !line.startsWith("WARNING:"))
              .limit(3)
              .collect(Collectors.joining(" "));
      String why = panic.isEmpty() ? "status " + of.process().exitValue() : panic;
      return "ended: " + (why.length() > MESSAGE ? why.substring(0, MESSAGE) + " ..." : why);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "ended";
    } catch (IOException | IllegalThreadStateException e) {
      return "ended";
    }
  }

  private void end(Connection of) {
    connection = null;
    of.process().destroyForcibly();
    try {
      of.process().waitFor(5, TimeUnit.SECONDS);
      Files.deleteIfExists(of.messages());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // deleted on exit
    }
  }

  private static Connection start() {
    try {
      Path messages = Files.createTempFile("jlora-tokenizer", ".txt");
      messages.toFile().deleteOnExit(); // if a signal ends this process
      var command =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx1g",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-XX:-CreateCoredumpOnCrash",
              "-XX:ErrorFile=" + messages,
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              classPath(),
              TokenizerProcess.class.getName(),
              TokenizerLibrary.file().toString());
      command.environment().put("RAYON_NUM_THREADS", "1");
      command.environment().put("TOKENIZERS_PARALLELISM", "false");
      command.environment().put("RUST_BACKTRACE", "0");
      command.environment().keySet().removeIf(name -> name.equals("JDK_JAVA_OPTIONS"));
      command.environment().keySet().removeIf(name -> name.equals("JAVA_TOOL_OPTIONS"));
      command.redirectError(messages.toFile());
      Process process = command.start();
      return new Connection(
          process,
          new DataInputStream(new BufferedInputStream(process.getInputStream())),
          new DataOutputStream(new BufferedOutputStream(process.getOutputStream())),
          messages);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the separate process of the tokenizer could not be started with "
              + System.getProperty("java.home"),
          e);
    }
  }

  /** The class path of the few classes of the other process. */
  private static String classPath() {
    return Stream.of(TokenizerProcess.class, NativeProcess.class, TokenizersLibrary.class)
        .map(GuardedTokenizer::place)
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the class path of " + type.getName(), e);
    }
  }
}
