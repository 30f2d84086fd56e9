package dev.jlora.spec;

/**
 * What is trained beside the frozen model. A plugin that brings a method brings a record of this
 * kind too, with a public static {@code defaults()} that JSON without a key falls back on.
 */
public interface AdapterSpec extends Spec {

  /** The name under which a plugin offers the method: {@code lora}. */
  String method();
}
