package dev.jlora.data.tokenizer;

import dev.jlora.natives.NativeProcess;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a {@link GuardedTokenizer}: a process that reads requests from standard input
 * and writes answers to standard output until the input ends. If the library panics, only this
 * process ends.
 */
public final class TokenizerProcess {
  static final int LOAD = 1;
  static final int ENCODE = 2;
  static final int DECODE = 3;
  static final int DONE = 0;
  static final int REFUSED = 1;

  /** Includes some 2 GB that Java itself reserves. */
  private static final long ADDRESS_SPACE = 12L << 30;

  private TokenizerProcess() {}

  /** Serves until standard input ends; the argument is the unpacked tokenizer library. */
  public static void main(String[] args) throws IOException {
    NativeProcess.ignoreStopSignals();
    NativeProcess.limitMemory(ADDRESS_SPACE);
    endWithParent();
    try (var in = new DataInputStream(new BufferedInputStream(System.in));
        var out =
            new DataOutputStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)))) {
      System.setOut(System.err);
      JniTokenizer tokenizer = null;
      while (true) {
        int request;
        try {
          request = in.readInt();
        } catch (EOFException e) {
          return;
        }
        try {
          switch (request) {
            case LOAD -> {
              String json = readText(in);
              var library = TokenizerLibrary.load(Path.of(args[0]));
              tokenizer = new JniTokenizer(library, json, /* oneByOne= */ true);
              out.writeInt(DONE);
            }
            case ENCODE -> {
              Tokens.Detail detail = Tokens.Detail.values()[in.readInt()];
              String text = readText(in);
              Tokens tokens = loaded(tokenizer).encode(List.of(text), detail).getFirst();
              out.writeInt(DONE);
              write(out, tokens.ids());
              write(out, tokens.words());
              write(out, tokens.starts());
              write(out, tokens.ends());
            }
            case DECODE -> {
              int[] ids = readInts(in);
              String text = loaded(tokenizer).decode(ids);
              out.writeInt(DONE);
              write(out, text);
            }
            default -> throw new IllegalStateException("unknown request " + request);
          }
        } catch (RuntimeException e) {
          out.writeInt(REFUSED);
          write(out, String.valueOf(e.getMessage()));
        }
        out.flush();
      }
    }
  }

  /**
   * Ends this process when its parent ends. The end of the input is not noticed while the library
   * computes, which may take forever.
   */
  private static void endWithParent() {
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(0)));
  }

  private static JniTokenizer loaded(@Nullable JniTokenizer tokenizer) {
    if (tokenizer == null) {
      throw new IllegalStateException("no tokenizer was loaded");
    }
    return tokenizer;
  }

  static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String readText(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  static void write(DataOutputStream out, int[] values) throws IOException {
    out.writeInt(values.length);
    for (int value : values) {
      out.writeInt(value);
    }
  }

  static int[] readInts(DataInputStream in) throws IOException {
    int[] values = new int[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readInt();
    }
    return values;
  }
}
