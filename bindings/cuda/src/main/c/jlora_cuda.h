/*
 * Declarations of the C functions that jlora calls in CUDA's libraries, and the values of their
 * enumerations, as of CUDA 13.
 *
 * The classes of dev.jlora.ffi.cuda are generated from this file; jlora_torch.h describes the
 * generator and the tags in the comments. The file includes standard headers only.
 *
 * The names are the exported ones. The vendor's headers map some names to newer versions by macros
 * (cuMemAlloc is exported as cuMemAlloc_v2); the libraries still export the older versions.
 *
 * Conventions, unless a comment states otherwise:
 *   - An int32_t result is 0 for success, or an error code of the library.
 *   - The caller destroys a handle that is returned through a pointer.
 *   - Work is queued on a stream and runs asynchronously; a later call reports its errors.
 */
#ifndef JLORA_CUDA_H
#define JLORA_CUDA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opaque pointers to the libraries' objects, declared as integers: Java only passes them on. */
typedef uintptr_t jlora_context;
typedef uintptr_t jlora_module;
typedef uintptr_t jlora_function;
typedef uintptr_t jlora_stream;
typedef uintptr_t jlora_event;
typedef uintptr_t jlora_graph;
typedef uintptr_t jlora_graph_exec;
typedef uintptr_t jlora_graph_node;
typedef uintptr_t jlora_blas;
typedef uintptr_t jlora_blaslt;
typedef uintptr_t jlora_descriptor;
typedef uintptr_t jlora_program;
typedef uintptr_t jlora_communicator;

/* An address in device memory, or in pinned memory mapped at the same address. */
typedef uint64_t jlora_address;

/* The id by which the ranks of a NCCL communicator find each other; shared by the application. */
typedef struct { char bytes[128]; } jlora_nccl_id;

/* ---- The driver: libcuda.so.1, installed with the display driver ----------------------- */

/*
 * The CUDA driver: devices, contexts, modules and kernels. Methods return 0 or an error code,
 * unless stated otherwise.
 *
 * @class CudaDriver
 * @object DRIVER
 * @prefix cu
 */

/* Initializes the driver; required before any other call. flags must be 0. */
int32_t cuInit(uint32_t flags);

/* The latest CUDA version that the driver supports: 1000 * major + 10 * minor. */
int32_t cuDriverGetVersion(int32_t *version);

/* The number of devices visible to this process (see CUDA_VISIBLE_DEVICES). */
int32_t cuDeviceGetCount(int32_t *count);

/* The device with an index. */
int32_t cuDeviceGet(int32_t *device, int32_t index);

/* The name of a device: at most length bytes, including the terminating null. */
int32_t cuDeviceGetName(char *name, int32_t length, int32_t device);

/* An attribute of a device: CU_DEVICE_ATTRIBUTE_... */
int32_t cuDeviceGetAttribute(int32_t *value, int32_t attribute, int32_t device);

/* The size of a device's memory in bytes. */
int32_t cuDeviceTotalMem_v2(size_t *bytes, int32_t device);

/* Retains the primary context, which the CUDA runtime and libtorch use; reference-counted. */
int32_t cuDevicePrimaryCtxRetain(jlora_context *context, int32_t device);

/* Releases one reference to the primary context. */
int32_t cuDevicePrimaryCtxRelease_v2(int32_t device);

/* Makes a context current for this thread. */
int32_t cuCtxSetCurrent(jlora_context context);

/* This thread's current context; 0 if there is none. */
int32_t cuCtxGetCurrent(jlora_context *context);

/* Waits for all work of the current context, and reports its errors. */
int32_t cuCtxSynchronize(void);

/* Loads a CUBIN or PTX into the current context; options and values are arrays of count. */
int32_t cuModuleLoadDataEx(jlora_module *module, const void *image, uint32_t count, int32_t *options,
                           void **values);

/* The kernel with a name. */
int32_t cuModuleGetFunction(jlora_function *function, jlora_module module, const char *name);

/* Unloads a module. */
int32_t cuModuleUnload(jlora_module module);

/* Launches a kernel; parameters[i] points to argument i, which is copied by the call. */
int32_t cuLaunchKernel(jlora_function function, uint32_t grid_x, uint32_t grid_y, uint32_t grid_z,
                       uint32_t block_x, uint32_t block_y, uint32_t block_z, uint32_t shared_bytes,
                       jlora_stream stream, void **parameters, void **extra);

/* An attribute of a kernel: CU_FUNC_ATTRIBUTE_... */
int32_t cuFuncGetAttribute(int32_t *value, int32_t attribute, jlora_function function);

/* Sets an attribute of a kernel; required for more than 48 KiB of dynamic shared memory. */
int32_t cuFuncSetAttribute(jlora_function function, int32_t attribute, int32_t value);

/* The maximum number of resident blocks of a kernel per multiprocessor. */
int32_t cuOccupancyMaxActiveBlocksPerMultiprocessor(int32_t *blocks, jlora_function function,
                                                    int32_t block_size, size_t shared_bytes);

/* The name of an error code; a static string. */
int32_t cuGetErrorName(int32_t code, const char **name);

/* The description of an error code; a static string. */
int32_t cuGetErrorString(int32_t code, const char **text);

/*
 * The CUDA driver: device memory, pinned host memory and copies. Methods return 0 or an error
 * code, unless stated otherwise.
 *
 * @class CudaMemory
 * @object DRIVER
 * @prefix cuMem cu
 */

/* Free and total bytes of the memory of the current context's device. */
int32_t cuMemGetInfo_v2(size_t *free, size_t *total);

/* Allocates device memory, outside libtorch's allocator. */
int32_t cuMemAlloc_v2(jlora_address *address, size_t bytes);

/* Frees device memory. */
int32_t cuMemFree_v2(jlora_address address);

/* Allocates pinned host memory, from which copies are asynchronous. */
int32_t cuMemHostAlloc(void **memory, size_t bytes, uint32_t flags);

/* Frees pinned host memory. */
int32_t cuMemFreeHost(void *memory);

/* Pins existing host memory. */
int32_t cuMemHostRegister_v2(void *memory, size_t bytes, uint32_t flags);

/* Unpins memory that cuMemHostRegister pinned. */
int32_t cuMemHostUnregister(void *memory);

/* Queues a copy between device addresses. @name copyAsync */
int32_t cuMemcpyAsync(jlora_address to, jlora_address from, size_t bytes, jlora_stream stream);

/* Queues a copy to the device; asynchronous only from pinned memory. @name copyHtoDAsync */
int32_t cuMemcpyHtoDAsync_v2(jlora_address to, const void *from, size_t bytes, jlora_stream stream);

/* Queues a copy from the device. @name copyDtoHAsync */
int32_t cuMemcpyDtoHAsync_v2(void *to, jlora_address from, size_t bytes, jlora_stream stream);

/* An attribute of the memory at an address: CU_POINTER_ATTRIBUTE_... */
int32_t cuPointerGetAttribute(void *value, int32_t attribute, jlora_address at);

/* Queues filling memory with a byte. @name setD8Async */
int32_t cuMemsetD8Async(jlora_address to, uint8_t value, size_t bytes, jlora_stream stream);

/*
 * The CUDA driver: streams, events and graphs. Methods return 0 or an error code, unless stated
 * otherwise.
 *
 * @class CudaStreams
 * @object DRIVER
 * @prefix cu
 */

/* Creates a stream; flags: CU_STREAM_... */
int32_t cuStreamCreate(jlora_stream *stream, uint32_t flags);

/* Destroys a stream once its work is done. */
int32_t cuStreamDestroy_v2(jlora_stream stream);

/* Waits for all work queued on a stream. */
int32_t cuStreamSynchronize(jlora_stream stream);

/* Returns CUDA_ERROR_NOT_READY while the stream has unfinished work. */
int32_t cuStreamQuery(jlora_stream stream);

/* Makes later work of the stream wait for an event; flags must be 0. */
int32_t cuStreamWaitEvent(jlora_stream stream, jlora_event event, uint32_t flags);

/* Begins a capture: work queued on the stream is recorded, not run. CU_STREAM_CAPTURE_MODE_... */
int32_t cuStreamBeginCapture_v2(jlora_stream stream, int32_t mode);

/* Ends a capture; the graph is 0 if the capture was invalidated. */
int32_t cuStreamEndCapture(jlora_stream stream, jlora_graph *graph);

/* Whether a capture is active on the stream: CU_STREAM_CAPTURE_STATUS_... */
int32_t cuStreamIsCapturing(jlora_stream stream, int32_t *status);

/* The number of nodes (kernels, copies, fills) of a graph, and their handles unless null. */
int32_t cuGraphGetNodes(jlora_graph graph, jlora_graph_node *nodes, size_t *count);

/* Creates an executable graph. @name graphInstantiate */
int32_t cuGraphInstantiateWithFlags(jlora_graph_exec *exec, jlora_graph graph, uint64_t flags);

/* Queues the work of an executable graph on a stream. */
int32_t cuGraphLaunch(jlora_graph_exec exec, jlora_stream stream);

/* Destroys an executable graph. */
int32_t cuGraphExecDestroy(jlora_graph_exec exec);

/* Destroys a graph. */
int32_t cuGraphDestroy(jlora_graph graph);

/* Creates an event; flags: CU_EVENT_... */
int32_t cuEventCreate(jlora_event *event, uint32_t flags);

/* Records an event: it completes when the work queued so far is done. */
int32_t cuEventRecord(jlora_event event, jlora_stream stream);

/* Returns CUDA_ERROR_NOT_READY until the event has completed. */
int32_t cuEventQuery(jlora_event event);

/* Waits until the event has completed. */
int32_t cuEventSynchronize(jlora_event event);

/* The time between two completed events, in milliseconds. */
int32_t cuEventElapsedTime(float *milliseconds, jlora_event start, jlora_event end);

/* Destroys an event. */
int32_t cuEventDestroy_v2(jlora_event event);

/* ---- The runtime: the libcudart that libtorch is linked to ----------------------------- */

/*
 * The CUDA runtime that libtorch is linked to: versions, this thread's device and its errors.
 * Methods return 0 or an error code, unless stated otherwise.
 *
 * @class CudaRuntime
 * @object RUNTIME
 * @prefix cuda
 */

/* The version of the CUDA runtime: 1000 * major + 10 * minor. */
int32_t cudaRuntimeGetVersion(int32_t *version);

/* The latest CUDA version that the driver supports; 0 if no driver is installed. */
int32_t cudaDriverGetVersion(int32_t *version);

/* The number of devices visible to this process. */
int32_t cudaGetDeviceCount(int32_t *count);

/* This thread's current device. */
int32_t cudaGetDevice(int32_t *index);

/* Makes a device and its primary context current for this thread. */
int32_t cudaSetDevice(int32_t index);

/* Returns and clears the last error of this thread. */
int32_t cudaGetLastError(void);

/* Returns the last error of this thread without clearing it. */
int32_t cudaPeekAtLastError(void);

/* The name of an error code; a static string. */
const char *cudaGetErrorName(int32_t code);

/* The description of an error code; a static string. */
const char *cudaGetErrorString(int32_t code);

/* ---- libtorch: its current stream and cuBLAS handle ------------------------------------ */

/*
 * The stream and the cuBLAS handle that libtorch uses. Methods return 0, or 1 for failure.
 *
 * @class TorchCuda
 * @object TORCH
 * @prefix aoti_torch_get_ torch_get_
 */

/*
 * The current stream of this thread, on which libtorch queues operators; owned by libtorch.
 *
 * @name currentStream
 */
int32_t aoti_torch_get_current_cuda_stream(int32_t index, jlora_stream *stream);

/*
 * libtorch's cuBLAS handle for this thread and device, set to its current stream; owned by
 * libtorch.
 *
 * @name currentBlasHandle
 */
int32_t torch_get_current_cuda_blas_handle(jlora_blas *handle);

/* ---- cuBLAS ---------------------------------------------------------------------------- */

/*
 * cuBLAS handles, their settings and the descriptions of error codes. Methods return 0 or an
 * error code, unless stated otherwise.
 *
 * @class CuBlasHandles
 * @object BLAS
 * @prefix cublas
 */

/* Creates a handle; training uses libtorch's handle instead. */
int32_t cublasCreate_v2(jlora_blas *handle);

/* Destroys a handle. */
int32_t cublasDestroy_v2(jlora_blas handle);

/* The version: 10000 * major + 100 * minor + patch. */
int32_t cublasGetVersion_v2(jlora_blas handle, int32_t *version);

/* Sets the stream on which products are queued. */
int32_t cublasSetStream_v2(jlora_blas handle, jlora_stream stream);

/* The stream on which products are queued. */
int32_t cublasGetStream_v2(jlora_blas handle, jlora_stream *stream);

/* Sets the workspace in device memory; a captured graph needs one that is not freed. */
int32_t cublasSetWorkspace_v2(jlora_blas handle, jlora_address memory, size_t bytes);

/* Sets the math mode, which may allow lower precision: CUBLAS_..._MATH. */
int32_t cublasSetMathMode(jlora_blas handle, int32_t mode);

/* The math mode. */
int32_t cublasGetMathMode(jlora_blas handle, int32_t *mode);

/* Sets whether alpha and beta are in host or device memory: CUBLAS_POINTER_MODE_... */
int32_t cublasSetPointerMode_v2(jlora_blas handle, int32_t mode);

/* Whether alpha and beta are in host or device memory. */
int32_t cublasGetPointerMode_v2(jlora_blas handle, int32_t *mode);

/* The description of an error code; a static string. */
const char *cublasGetStatusString(int32_t code);

/*
 * cuBLAS products of column-major matrices, with libtorch's handle or one of CuBlasHandles.
 * Methods return 0 or an error code.
 *
 * @class CuBlas
 * @object BLAS
 * @prefix cublas
 */

/* C = alpha op(A) op(B) + beta C, of column-major matrices. */
int32_t cublasGemmEx(jlora_blas handle, int32_t trans_a, int32_t trans_b, int32_t m, int32_t n,
                     int32_t k, const void *alpha, jlora_address a, int32_t a_type, int32_t lda,
                     jlora_address b, int32_t b_type, int32_t ldb, const void *beta, jlora_address c,
                     int32_t c_type, int32_t ldc, int32_t compute_type, int32_t algorithm);

/* GEMM of count matrices at fixed strides, in elements. */
int32_t cublasGemmStridedBatchedEx(jlora_blas handle, int32_t trans_a, int32_t trans_b, int32_t m,
                                   int32_t n, int32_t k, const void *alpha, jlora_address a,
                                   int32_t a_type, int32_t lda, int64_t stride_a, jlora_address b,
                                   int32_t b_type, int32_t ldb, int64_t stride_b, const void *beta,
                                   jlora_address c, int32_t c_type, int32_t ldc, int64_t stride_c,
                                   int32_t count, int32_t compute_type, int32_t algorithm);

/*
 * GEMM of groups of matrices; group i has group_size[i] products of one shape. The arrays of
 * addresses are in device memory, all other arrays in host memory.
 */
int32_t cublasGemmGroupedBatchedEx(jlora_blas handle, const int32_t *trans_a, const int32_t *trans_b,
                                   const int32_t *m, const int32_t *n, const int32_t *k,
                                   const void *alphas, jlora_address a_array, int32_t a_type,
                                   const int32_t *lda, jlora_address b_array, int32_t b_type,
                                   const int32_t *ldb, const void *betas, jlora_address c_array,
                                   int32_t c_type, const int32_t *ldc, int32_t groups,
                                   const int32_t *group_size, int32_t compute_type);

/* ---- cuBLASLt -------------------------------------------------------------------------- */

/*
 * cuBLASLt: products with an epilogue (bias, GELU, their gradients). Methods return 0 or an error
 * code, unless stated otherwise.
 *
 * @class CuBlasLt
 * @object BLASLT
 * @prefix cublasLt
 */

/* Creates a handle. */
int32_t cublasLtCreate(jlora_blaslt *handle);

/* Destroys a handle. */
int32_t cublasLtDestroy(jlora_blaslt handle);

/* Creates a product descriptor: CUBLAS_COMPUTE_..., and CUDA_R_... for alpha and beta. */
int32_t cublasLtMatmulDescCreate(jlora_descriptor *product, int32_t compute_type,
                                 int32_t scale_type);

/* Sets an attribute of a product: CUBLASLT_MATMUL_DESC_... */
int32_t cublasLtMatmulDescSetAttribute(jlora_descriptor product, int32_t attribute,
                                       const void *value, size_t bytes);

/* Destroys a product descriptor. */
int32_t cublasLtMatmulDescDestroy(jlora_descriptor product);

/* Creates a layout: CUDA_R_..., column-major, with ld elements from column to column. */
int32_t cublasLtMatrixLayoutCreate(jlora_descriptor *layout, int32_t type, uint64_t rows,
                                   uint64_t columns, int64_t ld);

/* Sets an attribute of a layout: CUBLASLT_MATRIX_LAYOUT_... */
int32_t cublasLtMatrixLayoutSetAttribute(jlora_descriptor layout, int32_t attribute,
                                         const void *value, size_t bytes);

/* Destroys a layout. */
int32_t cublasLtMatrixLayoutDestroy(jlora_descriptor layout);

/* Creates a preference, which constrains the heuristic. */
int32_t cublasLtMatmulPreferenceCreate(jlora_descriptor *preference);

/* Sets an attribute of a preference: CUBLASLT_MATMUL_PREF_... */
int32_t cublasLtMatmulPreferenceSetAttribute(jlora_descriptor preference, int32_t attribute,
                                             const void *value, size_t bytes);

/* Destroys a preference. */
int32_t cublasLtMatmulPreferenceDestroy(jlora_descriptor preference);

/* Algorithms, best first, 96 bytes each: 64 of the algorithm, then its workspace bytes, ... */
int32_t cublasLtMatmulAlgoGetHeuristic(jlora_blaslt handle, jlora_descriptor product,
                                       jlora_descriptor a, jlora_descriptor b, jlora_descriptor c,
                                       jlora_descriptor d, jlora_descriptor preference,
                                       int32_t requested, void *results, int32_t *returned);

/* D = epilogue(alpha op(A) op(B) + beta C). */
int32_t cublasLtMatmul(jlora_blaslt handle, jlora_descriptor product, const void *alpha,
                       jlora_address a, jlora_descriptor a_layout, jlora_address b,
                       jlora_descriptor b_layout, const void *beta, jlora_address c,
                       jlora_descriptor c_layout, jlora_address d, jlora_descriptor d_layout,
                       const void *algorithm, jlora_address workspace, size_t workspace_bytes,
                       jlora_stream stream);

/* ---- NVRTC: compiles CUDA C++; needs no GPU -------------------------------------------- */

/*
 * NVRTC: compiles CUDA C++ in this process, without a GPU. Methods return 0 or an error code,
 * unless stated otherwise.
 *
 * @class Nvrtc
 * @object NVRTC
 * @prefix nvrtc
 */

/* The version of the compiler. */
int32_t nvrtcVersion(int32_t *major, int32_t *minor);

/* The number of supported architectures. */
int32_t nvrtcGetNumSupportedArchs(int32_t *count);

/* The supported architectures, such as 90 for sm_90. */
int32_t nvrtcGetSupportedArchs(int32_t *architectures);

/* Creates a program; headers are sources, found by #include under header_names. */
int32_t nvrtcCreateProgram(jlora_program *program, const char *source, const char *name,
                           int32_t count, const char *const *headers,
                           const char *const *header_names);

/* Compiles a program; the log has the errors. */
int32_t nvrtcCompileProgram(jlora_program program, int32_t count, const char *const *options);

/* The size of the log in bytes, including the terminating null. */
int32_t nvrtcGetProgramLogSize(jlora_program program, size_t *bytes);

/* Copies the log. */
int32_t nvrtcGetProgramLog(jlora_program program, char *log);

/* The size of the CUBIN in bytes; 0 for a virtual architecture. @name getCubinSize */
int32_t nvrtcGetCUBINSize(jlora_program program, size_t *bytes);

/* Copies the CUBIN. @name getCubin */
int32_t nvrtcGetCUBIN(jlora_program program, char *image);

/* The size of the PTX in bytes, including the terminating null. @name getPtxSize */
int32_t nvrtcGetPTXSize(jlora_program program, size_t *bytes);

/* Copies the PTX. @name getPtx */
int32_t nvrtcGetPTX(jlora_program program, char *ptx);

/* Destroys a program, and sets the variable to 0. */
int32_t nvrtcDestroyProgram(jlora_program *program);

/* The description of an error code; a static string. */
const char *nvrtcGetErrorString(int32_t code);

/* ---- NCCL: declared for training on several GPUs --------------------------------------- */

/*
 * NCCL: collective operations of several GPUs, declared for training on more than one. Methods
 * return 0 or an error code, unless stated otherwise.
 *
 * @class Nccl
 * @object NCCL
 * @prefix nccl
 */

/* The version: 10000 * major + 100 * minor + patch. */
int32_t ncclGetVersion(int32_t *version);

/* Creates the id that all ranks of a communicator share. */
int32_t ncclGetUniqueId(jlora_nccl_id *id);

/* Joins a communicator with this thread's device; returns when all ranks have joined. */
int32_t ncclCommInitRank(jlora_communicator *communicator, int32_t ranks, jlora_nccl_id id,
                         int32_t rank);

/* Destroys a communicator after its work is done. */
int32_t ncclCommDestroy(jlora_communicator communicator);

/* Destroys a communicator without waiting. */
int32_t ncclCommAbort(jlora_communicator communicator);

/* The error of asynchronous work. */
int32_t ncclCommGetAsyncError(jlora_communicator communicator, int32_t *code);

/* Reduces the values of all ranks, for all ranks: NCCL_FLOAT..., NCCL_SUM... */
int32_t ncclAllReduce(jlora_address send, jlora_address receive, size_t count, int32_t type,
                      int32_t operation, jlora_communicator communicator, jlora_stream stream);

/* Reduces the values of all ranks; each rank receives its own count of them. */
int32_t ncclReduceScatter(jlora_address send, jlora_address receive, size_t count, int32_t type,
                          int32_t operation, jlora_communicator communicator, jlora_stream stream);

/* Concatenates the count values of all ranks, for all ranks. */
int32_t ncclAllGather(jlora_address send, jlora_address receive, size_t count, int32_t type,
                      jlora_communicator communicator, jlora_stream stream);

/* Copies the root's values to all ranks. */
int32_t ncclBroadcast(jlora_address send, jlora_address receive, size_t count, int32_t type,
                      int32_t root, jlora_communicator communicator, jlora_stream stream);

/* Begins a group: the calls up to its end are queued as one. */
int32_t ncclGroupStart(void);

/* Ends a group. */
int32_t ncclGroupEnd(void);

/* The description of an error code; a static string. */
const char *ncclGetErrorString(int32_t code);

/* The text of the last error, valid until the next one. */
const char *ncclGetLastError(jlora_communicator communicator);

/* ---- Values ---------------------------------------------------------------------------- */

/*
 * Values of CUDA's enumerations and flags, named as in the libraries' headers.
 *
 * @class CudaValues
 */

enum jlora_device_attribute {
  CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 1,
  CU_DEVICE_ATTRIBUTE_WARP_SIZE = 10,
  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
  CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE = 36,
  CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH = 37,
  CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE = 38,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR = 81,
  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97
};

enum jlora_function_attribute {
  CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,
  CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES = 3,
  CU_FUNC_ATTRIBUTE_NUM_REGS = 4,
  CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8
};

enum jlora_flags {
  CU_POINTER_ATTRIBUTE_BUFFER_ID = 7,
  CU_STREAM_DEFAULT = 0,
  CU_STREAM_NON_BLOCKING = 1,
  CU_EVENT_DEFAULT = 0,
  CU_EVENT_BLOCKING_SYNC = 1,
  CU_EVENT_DISABLE_TIMING = 2,
  CU_MEMHOSTALLOC_PORTABLE = 1,
  CU_MEMHOSTALLOC_DEVICEMAP = 2,
  CU_MEMHOSTALLOC_WRITECOMBINED = 4,
  CU_MEMHOSTREGISTER_PORTABLE = 1,
  CU_MEMHOSTREGISTER_READ_ONLY = 8,
  CU_STREAM_CAPTURE_MODE_GLOBAL = 0,
  CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1,
  CU_STREAM_CAPTURE_MODE_RELAXED = 2,
  CU_STREAM_CAPTURE_STATUS_NONE = 0,
  CU_STREAM_CAPTURE_STATUS_ACTIVE = 1,
  CU_STREAM_CAPTURE_STATUS_INVALIDATED = 2,
  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6
};

enum jlora_data_type {
  CUDA_R_32F = 0,
  CUDA_R_64F = 1,
  CUDA_R_16F = 2,
  CUDA_R_16BF = 14
};

enum jlora_blas_value {
  CUBLAS_OP_N = 0,
  CUBLAS_OP_T = 1,
  CUBLAS_POINTER_MODE_HOST = 0,
  CUBLAS_POINTER_MODE_DEVICE = 1,
  CUBLAS_DEFAULT_MATH = 0,
  CUBLAS_TF32_TENSOR_OP_MATH = 3,
  CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION = 16,
  CUBLAS_GEMM_DEFAULT = -1,
  CUBLAS_COMPUTE_16F = 64,
  CUBLAS_COMPUTE_32F = 68,
  CUBLAS_COMPUTE_32F_PEDANTIC = 69,
  CUBLAS_COMPUTE_64F = 70,
  CUBLAS_COMPUTE_32F_FAST_16F = 74,
  CUBLAS_COMPUTE_32F_FAST_16BF = 75,
  CUBLAS_COMPUTE_32F_FAST_TF32 = 77
};

enum jlora_blaslt_value {
  CUBLASLT_MATMUL_DESC_POINTER_MODE = 2,
  CUBLASLT_MATMUL_DESC_TRANSA = 3,
  CUBLASLT_MATMUL_DESC_TRANSB = 4,
  CUBLASLT_MATMUL_DESC_EPILOGUE = 7,
  CUBLASLT_MATMUL_DESC_BIAS_POINTER = 8,
  CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER = 11,
  CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD = 12,
  CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE = 22,
  CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE = 26,
  CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT = 5,
  CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET = 6,
  CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1,
  CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES = 5,
  CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES = 6,
  CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES = 7,
  CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES = 8,
  CUBLASLT_EPILOGUE_DEFAULT = 1,
  CUBLASLT_EPILOGUE_RELU = 2,
  CUBLASLT_EPILOGUE_BIAS = 4,
  CUBLASLT_EPILOGUE_RELU_BIAS = 6,
  CUBLASLT_EPILOGUE_GELU = 32,
  CUBLASLT_EPILOGUE_GELU_BIAS = 36,
  CUBLASLT_EPILOGUE_GELU_AUX = 160,
  CUBLASLT_EPILOGUE_GELU_AUX_BIAS = 164,
  CUBLASLT_EPILOGUE_DGELU = 192,
  CUBLASLT_EPILOGUE_DGELU_BGRAD = 208,
  CUBLASLT_EPILOGUE_BGRADA = 256,
  CUBLASLT_EPILOGUE_BGRADB = 512
};

/* Described in CudaError. @byhand */
enum jlora_driver_error {
  CUDA_ERROR_INVALID_VALUE = 1,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_NOT_INITIALIZED = 3,
  CUDA_ERROR_DEINITIALIZED = 4,
  CUDA_ERROR_STUB_LIBRARY = 34,
  CUDA_ERROR_DEVICE_UNAVAILABLE = 46,
  CUDA_ERROR_NO_DEVICE = 100,
  CUDA_ERROR_INVALID_DEVICE = 101,
  CUDA_ERROR_INVALID_IMAGE = 200,
  CUDA_ERROR_INVALID_CONTEXT = 201,
  CUDA_ERROR_NO_BINARY_FOR_GPU = 209,
  CUDA_ERROR_INVALID_PTX = 218,
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222,
  CUDA_ERROR_INVALID_HANDLE = 400,
  CUDA_ERROR_NOT_FOUND = 500,
  CUDA_ERROR_NOT_READY = 600,
  CUDA_ERROR_ILLEGAL_ADDRESS = 700,
  CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,
  CUDA_ERROR_LAUNCH_TIMEOUT = 702,
  CUDA_ERROR_ASSERT = 710,
  CUDA_ERROR_MISALIGNED_ADDRESS = 716,
  CUDA_ERROR_LAUNCH_FAILED = 719,
  CUDA_ERROR_NOT_SUPPORTED = 801,
  CUDA_ERROR_SYSTEM_NOT_READY = 802,
  CUDA_ERROR_SYSTEM_DRIVER_MISMATCH = 803,
  CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE = 804,
  CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900,
  CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901,
  CUDA_ERROR_STREAM_CAPTURE_IMPLICIT = 906,
  CUDA_ERROR_UNKNOWN = 999
};

/* Described in CudaError. @byhand */
enum jlora_blas_error {
  CUBLAS_STATUS_NOT_INITIALIZED = 1,
  CUBLAS_STATUS_ALLOC_FAILED = 3,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_ARCH_MISMATCH = 8,
  CUBLAS_STATUS_MAPPING_ERROR = 11,
  CUBLAS_STATUS_EXECUTION_FAILED = 13,
  CUBLAS_STATUS_INTERNAL_ERROR = 14,
  CUBLAS_STATUS_NOT_SUPPORTED = 15
};

/* Described in CudaError. @byhand */
enum jlora_nvrtc_error {
  NVRTC_ERROR_OUT_OF_MEMORY = 1,
  NVRTC_ERROR_PROGRAM_CREATION_FAILURE = 2,
  NVRTC_ERROR_INVALID_INPUT = 3,
  NVRTC_ERROR_INVALID_PROGRAM = 4,
  NVRTC_ERROR_INVALID_OPTION = 5,
  NVRTC_ERROR_COMPILATION = 6,
  NVRTC_ERROR_BUILTIN_OPERATION_FAILURE = 7,
  NVRTC_ERROR_INTERNAL_ERROR = 11
};

enum jlora_nccl_value {
  NCCL_INT32 = 2,
  NCCL_INT64 = 4,
  NCCL_FLOAT16 = 6,
  NCCL_FLOAT32 = 7,
  NCCL_FLOAT64 = 8,
  NCCL_BFLOAT16 = 9,
  NCCL_SUM = 0,
  NCCL_PROD = 1,
  NCCL_MAX = 2,
  NCCL_MIN = 3,
  NCCL_AVG = 4
};

#ifdef __cplusplus
}
#endif

#endif
