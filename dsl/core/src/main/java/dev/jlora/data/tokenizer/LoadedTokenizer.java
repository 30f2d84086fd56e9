package dev.jlora.data.tokenizer;

import dev.jlora.io.FormatException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A tokenizer loaded where it cannot do harm: in this process if its file has no risk, else in a
 * separate one, which also encodes texts so long that a regular expression might give up on them.
 */
public final class LoadedTokenizer implements AutoCloseable {
  /** Chars; the library's expressions may backtrack ten million times. */
  private static final int LONG_TEXT = 1_000_000;

  private final TokenizerFile file;
  private @Nullable NativeTokenizer inside;
  private @Nullable NativeTokenizer guarded;

  private LoadedTokenizer(TokenizerFile file) {
    this.file = file;
  }

  /**
   * Loads a tokenizer.
   *
   * @throws FormatException naming the file, if the library rejects it
   */
  public static LoadedTokenizer of(TokenizerFile file) {
    var loaded = new LoadedTokenizer(file);
    try {
      if (file.risk().isEmpty()) {
        loaded.inside = new JniTokenizer(TokenizerLibrary.get(), file.text(), false);
      } else {
        LoggerFactory.getLogger(LoadedTokenizer.class)
            .info(
                "{}: the tokenizer runs in a separate process, which is slower: {}",
                file.path(),
                file.risk().get());
        loaded.guarded().encode(List.of("a b"), Tokens.Detail.IDS);
      }
      return loaded;
    } catch (TokenizerFailure e) {
      if (loaded.guarded != null && e.isRefusal()) {
        return loaded; // one text is refused; others may not be
      }
      loaded.close();
      throw unread(file, e);
    } catch (RuntimeException e) {
      loaded.close();
      throw unread(file, e);
    }
  }

  private static FormatException unread(TokenizerFile file, RuntimeException e) {
    return new FormatException(
        file.path().toString(),
        "is not a tokenizer this version reads: "
            + (e instanceof TokenizerFailure failure ? failure.sentence() : e.getMessage())
            + file.risk().map(risk -> "; " + risk).orElse("")
            + ".",
        "Fetch the model's tokenizer.json again, or save it with a current version of Hugging"
            + " Face's tokenizers.",
        e);
  }

  private NativeTokenizer guarded() {
    NativeTokenizer is = guarded;
    if (is == null) {
      is = new GuardedTokenizer(file.text());
      guarded = is;
    }
    return is;
  }

  /**
   * The tokens of texts, without special tokens and truncation.
   *
   * @throws TokenizerFailure naming the text, if one cannot be encoded
   */
  public List<Tokens> encode(List<String> texts, Tokens.Detail detail) {
    NativeTokenizer here = inside;
    boolean within = texts.stream().allMatch(text -> text.length() <= LONG_TEXT);
    return (here != null && within ? here : guarded()).encode(texts, detail);
  }

  /** The text of tokens, without special tokens. */
  public String decode(int[] ids) {
    if (ids.length == 0) {
      return "";
    }
    NativeTokenizer here = inside;
    return (here != null ? here : guarded()).decode(ids);
  }

  @Override
  public void close() {
    if (inside != null) {
      inside.close();
      inside = null;
    }
    if (guarded != null) {
      guarded.close();
      guarded = null;
    }
  }
}
